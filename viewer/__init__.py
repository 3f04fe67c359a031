"""The viewer: a county's map, projects, indicators and checks as pages of a small web server, without any network."""

from viewer.app import create_app

__all__ = ["create_app"]
