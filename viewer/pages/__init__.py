"""The pages, one blueprint for each group."""

from viewer.pages import api, checks, county, indicators, projects, shorelines, values

BLUEPRINTS = (
    county.pages,
    projects.pages,
    indicators.pages,
    values.pages,
    checks.pages,
    shorelines.pages,
    api.pages,
)
