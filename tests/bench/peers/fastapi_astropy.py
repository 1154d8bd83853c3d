"""FastAPI around astropy's SkyCoord, in the way of the tutorial. uvicorn fastapi_astropy:app"""

from astropy import units
from astropy.coordinates import SkyCoord
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Columns(BaseModel):
    ra: list[float] | float
    dec: list[float] | float


@app.post("/galactic")
async def galactic(columns: Columns):
    sky = SkyCoord(columns.ra * units.deg, columns.dec * units.deg).galactic
    return {"l": sky.l.deg.tolist(), "b": sky.b.deg.tolist()}
