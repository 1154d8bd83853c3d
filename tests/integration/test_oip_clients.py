"""The libraries under the existing clients, used as those clients use them."""

import asyncio
import http.client
import json
import urllib.parse

import aiohttp
import numpy
import pytest
from geventhttpclient import HTTPClient
from geventhttpclient.url import URL

from oip import InferInput, InferRequestedOutput, InferResult, compress, infer_body, infer_headers
from wire import strict_json

RA, DEC = numpy.array([0.0, 90.0, float("nan")]), numpy.array([0.0, 0.0, 0.0])
PATH = "v2/models/radec_to_xyz/infer"
ENCODINGS = [(None, None), ("gzip", None), ("deflate", None), (None, "gzip"), (None, "deflate"),
             ("gzip", "gzip"), ("deflate", "deflate")]


def inputs(binary=True):
    return [InferInput("ra", RA, binary), InferInput("dec", DEC, binary)]


def check(got):
    assert list(got.as_numpy("x")[:2]) == [1.0, 0.0] and numpy.isnan(got.as_numpy("x")[2])
    assert list(got.as_numpy("y")[:2]) == [0.0, 1.0]


class SyncClient:
    """tritonclient.http.InferenceServerClient: geventhttpclient, no Content-Type, quoted names."""

    def __init__(self, server):
        url = URL(f"http://{server.host}:{server.port}")
        self.base = url.request_uri.rstrip("/") if url.request_uri else ""
        self.stub = HTTPClient.from_url(url, concurrency=1, connection_timeout=60.0, network_timeout=60.0)

    def get(self, path, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return self.stub.get(self.base + "/" + path)

    def post(self, path, body, headers=None):
        if headers:
            return self.stub.post(self.base + "/" + path, body=body, headers=headers)
        return self.stub.post(self.base + "/" + path, body=body)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stub.close()


def test_sync_client_health_and_metadata(server):
    with SyncClient(server) as client:
        assert client.get("v2/health/live").status_code == 200
        assert client.get("v2/health/ready").status_code == 200
        for path in ("v2", "v2/models/radec_to_xyz", "v2/models/radec_to_xyz/config",
                     "v2/models/radec_to_xyz/stats", "v2/models/stats",
                     "v2/models/{}/versions/1/ready".format(urllib.parse.quote("radec_to_xyz"))):
            response = client.get(path)
            assert response.status_code == 200, path
            strict_json(bytes(response.read()))
        assert client.get("v2/models/radec_to_xyz", a="b c").status_code == 200
        response = client.post("v2/repository/index", "")
        assert response.status_code == 200 and strict_json(bytes(response.read()))
        response = client.get("v2/models/nothing")
        assert response.status_code == 404
        assert set(strict_json(bytes(response.read()))) == {"error"}


@pytest.mark.parametrize("packed,accept", ENCODINGS)
def test_sync_client_infer(server, packed, accept):
    with SyncClient(server) as client:
        for binary in (True, False):
            for outputs in (None, [InferRequestedOutput("x"), InferRequestedOutput("y", False)]):
                body, length = infer_body(inputs(binary), outputs, request_id="r1", timeout=30_000_000)
                response = client.post(PATH, compress(body, packed), infer_headers(length, packed, accept))
                assert response.status_code == 200
                got = InferResult(bytes(response.read()), response.get("Inference-Header-Content-Length"),
                                  response.get("Content-Encoding"))
                check(got)
                assert got.response["id"] == "r1"
                assert response.get("Content-Encoding") in (None, accept)  # tiny answers stay as they are


def test_sync_client_many_on_one_connection(server):
    with SyncClient(server) as client:
        for i in range(200):
            body, length = infer_body([InferInput("ra", numpy.full(i, 0.0)), InferInput("dec", numpy.zeros(i))])
            response = client.post(PATH, body, infer_headers(length))
            got = InferResult(bytes(response.read()), response.get("Inference-Header-Content-Length"))
            assert got.as_numpy("x").shape == (i,)


def test_compressed_bodies_count_unpacked_bytes(server):
    """The announced JSON length may exceed the Content-Length."""
    ra = numpy.zeros(5000)
    body, length = infer_body([InferInput("ra", ra), InferInput("dec", ra)], parameters={"unit": "deg"})
    padded = body[:length] + b" " * 5000 + body[length:]
    with SyncClient(server) as client:
        for how in ("gzip", "deflate"):
            data = compress(padded, how)
            assert length + 5000 > len(data)
            response = client.post(PATH, data, infer_headers(length + 5000, how))
            assert response.status_code == 200
            got = InferResult(bytes(response.read()), response.get("Inference-Header-Content-Length"))
            assert (got.as_numpy("x") == 1).all()
            response = client.post(PATH, data, infer_headers(len(padded) + 1, how))
            assert response.status_code == 400 and response.get("X-Error-Code") == "invalid_header_length"
            response.read()


async def aio_post(session, url, body, headers=None):
    """tritonclient.http.aio sends bytes: aiohttp labels them application/octet-stream."""
    async with session.post(url, data=body, headers=headers or {}) as response:
        return response.status, response.headers, await response.read()


def test_asyncio_client(server):
    async def main():
        base = f"http://{server.host}:{server.port}/"
        connector = aiohttp.TCPConnector(limit=20)
        async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
            for path in ("v2/health/live", "v2/health/ready", "v2", "v2/models/radec_to_xyz",
                         "v2/models/radec_to_xyz/config", "v2/models/radec_to_xyz/stats"):
                async with session.get(base + path) as response:  # Accept-Encoding: gzip, deflate
                    assert response.status == 200
                    assert "Content-Encoding" not in response.headers
                    await response.json()
            status, _, body = await aio_post(session, base + "v2/repository/index", b"")
            assert status == 200 and json.loads(body)

            async def one(i):
                packed, accept = ENCODINGS[i % len(ENCODINGS)]
                body, length = infer_body(inputs(i % 2 == 0), request_id=str(i))
                status, headers, body = await aio_post(session, base + PATH, compress(body, packed),
                                                       infer_headers(length, packed, accept))
                assert status == 200, body
                got = InferResult(body, headers.get("Inference-Header-Content-Length"),
                                  headers.get("Content-Encoding"))
                check(got)
                assert got.response["id"] == str(i)

            await asyncio.gather(*(one(i) for i in range(140)))
            status, headers, body = await aio_post(session, base + PATH, b"{}",
                                                   {"Accept-Encoding": "gzip"})
            assert status == 400 and set(json.loads(body)) == {"error"}

    asyncio.run(main())


def test_http_client(server):
    """The standard library, as curl and scripts do it: one connection, JSON, Content-Type set."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    body = json.dumps({"model_name": "radec_to_xyz", "id": "k", "inputs": [
        {"name": "ra", "shape": [2], "datatype": "FP64", "data": [0, 90], "parameters": {"content_type": "np"}},
        {"name": "dec", "shape": [2], "datatype": "FP64", "data": [0, 0]}]})
    for _ in range(10):
        connection.request("POST", "/" + PATH, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        document = strict_json(response.read().decode())
        assert response.status == 200 and document["outputs"][0]["data"] == [1.0, 0.0]
    connection.request("POST", "/" + PATH, iter([body[:10].encode(), body[10:].encode()]),
                       encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
    response = connection.getresponse()
    assert response.status == 200
    response.read()
    connection.close()


def test_c_plus_plus_client(server):
    """libcurl: form type on all but infer, the length header on pure JSON too, packed both ways."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    connection.request("POST", "/v2/repository/index", "",
                       {"Content-Type": "application/x-www-form-urlencoded"})
    response = connection.getresponse()
    assert response.status == 200 and strict_json(response.read().decode())
    body, _ = infer_body(inputs(False), [InferRequestedOutput("x", False), InferRequestedOutput("y", False)])
    for packed, accept in ENCODINGS:
        headers = {"Inference-Header-Content-Length": str(len(body)),
                   "Content-Type": "application/octet-stream"}
        if packed:
            headers["Content-Encoding"] = packed
        if accept:
            headers["Accept-Encoding"] = accept
        connection.request("POST", "/" + PATH, compress(body, packed), headers)
        response = connection.getresponse()
        data = response.read()
        assert response.status == 200, data
        check(InferResult(data, None, response.getheader("Content-Encoding")))
    connection.close()
