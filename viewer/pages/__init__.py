"""The pages, one blueprint for each group."""

from viewer.pages import api, checks, county, indicators, projects, shorelines

BLUEPRINTS = (
    county.pages,
    projects.pages,
    indicators.pages,
    checks.pages,
    shorelines.pages,
    api.pages,
)
