"""The least that Python can serve with: a bare ASGI application and NumPy. uvicorn asgi_numpy:app

POST / takes {"ra": ..., "dec": ...} and answers x, y, z; POST /raw two columns of doubles, and answers three.
"""

import json

import numpy

JSON = [(b"content-type", b"application/json")]
BYTES = [(b"content-type", b"application/octet-stream")]


def convert(ra, dec):
    ra, dec = numpy.deg2rad(ra), numpy.deg2rad(dec)
    return numpy.cos(dec) * numpy.cos(ra), numpy.cos(dec) * numpy.sin(ra), numpy.sin(dec)


async def body_of(receive):
    pieces = []
    while True:
        message = await receive()
        pieces.append(message["body"])
        if not message.get("more_body"):
            return b"".join(pieces)


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError("nothing but HTTP is answered")
    body = await body_of(receive)
    if scope["path"] == "/raw":
        headers = BYTES
        answer = numpy.concatenate(convert(*numpy.frombuffer(body).reshape(2, -1))).tobytes()
    else:
        headers = JSON
        columns = json.loads(body)
        x, y, z = convert(numpy.asarray(columns["ra"]), numpy.asarray(columns["dec"]))
        answer = json.dumps({"x": x.tolist(), "y": y.tolist(), "z": z.tolist()}).encode()
    await send({"type": "http.response.start", "status": 200,
                "headers": [*headers, (b"content-length", str(len(answer)).encode())]})
    await send({"type": "http.response.body", "body": answer})
