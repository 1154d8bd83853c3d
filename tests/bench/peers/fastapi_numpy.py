"""The small service that people write today: FastAPI and NumPy. uvicorn fastapi_numpy:app

/plain is the way of the tutorial (pydantic models, the default response). /tuned reads and writes the JSON by
hand. /binary has two columns of doubles in, three out; /raw the same bytes, but nothing is converted.
"""

import functools
import json

import numpy
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

app = FastAPI()


class Columns(BaseModel):
    ra: list[float] | float
    dec: list[float] | float


def convert(ra, dec):
    ra, dec = numpy.deg2rad(ra), numpy.deg2rad(dec)
    return numpy.cos(dec) * numpy.cos(ra), numpy.cos(dec) * numpy.sin(ra), numpy.sin(dec)


@functools.cache
def fixed(size):
    return bytes(size)


@app.post("/plain")
async def plain(columns: Columns):
    x, y, z = convert(numpy.asarray(columns.ra), numpy.asarray(columns.dec))
    return {"x": x.tolist(), "y": y.tolist(), "z": z.tolist()}


@app.post("/tuned")
async def tuned(request: Request):
    columns = json.loads(await request.body())
    x, y, z = convert(numpy.asarray(columns["ra"]), numpy.asarray(columns["dec"]))
    return Response(json.dumps({"x": x.tolist(), "y": y.tolist(), "z": z.tolist()}),
                    media_type="application/json")


@app.post("/raw")
async def raw(request: Request):
    body = await request.body()
    return Response(fixed(len(body) * 3 // 2), media_type="application/octet-stream")


@app.post("/binary")
async def binary(request: Request):
    columns = numpy.frombuffer(await request.body()).reshape(2, -1)
    return Response(numpy.concatenate(convert(*columns)).tobytes(), media_type="application/octet-stream")
