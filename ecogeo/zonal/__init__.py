"""Zonal statistics: how much of each class of a raster every polygon holds, cells weighted by the fraction covered."""

from ecogeo.zonal.areas import class_areas, zonal_shares

__all__ = ["class_areas", "zonal_shares"]
