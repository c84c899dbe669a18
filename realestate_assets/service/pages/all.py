"""All pages; one module each."""

from fastapi import APIRouter

from realestate_assets.service.pages import (
    account,
    admin,
    boards,
    data,
    joining,
    overview,
    properties,
    property,
    provider,
    search,
    searches,
    sign_in,
    unsubscribe,
)

PAGES: tuple[APIRouter, ...] = (
    sign_in.router,
    provider.router,
    joining.router,
    unsubscribe.router,
    overview.router,
    properties.router,
    property.router,
    search.router,
    searches.router,
    boards.router,
    data.router,
    admin.router,
    account.router,
)
