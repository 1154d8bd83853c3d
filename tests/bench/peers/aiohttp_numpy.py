"""aiohttp and NumPy. aiohttp_numpy.py PORT; /json, /binary and /raw as in fastapi_numpy.py."""

import functools
import json
import sys

import numpy
import uvloop
from aiohttp import web


def convert(ra, dec):
    ra, dec = numpy.deg2rad(ra), numpy.deg2rad(dec)
    return numpy.cos(dec) * numpy.cos(ra), numpy.cos(dec) * numpy.sin(ra), numpy.sin(dec)


async def json_(request):
    columns = json.loads(await request.read())
    x, y, z = convert(numpy.asarray(columns["ra"]), numpy.asarray(columns["dec"]))
    return web.json_response({"x": x.tolist(), "y": y.tolist(), "z": z.tolist()})


@functools.cache
def fixed(size):
    return bytes(size)


async def raw(request):
    return web.Response(body=fixed(len(await request.read()) * 3 // 2))


async def binary(request):
    columns = numpy.frombuffer(await request.read()).reshape(2, -1)
    return web.Response(body=numpy.concatenate(convert(*columns)).tobytes())


uvloop.install()
app = web.Application(client_max_size=1 << 30)
app.add_routes([web.post("/json", json_), web.post("/raw", raw), web.post("/binary", binary)])
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
