"""How the console looks: its name, its colours, and where its navigation and badge come from."""

from django.templatetags.static import static
from django.utils.functional import lazy

_static = lazy(static, str)

UNFOLD = {
    "SITE_TITLE": "Commerce Agent",
    "SITE_HEADER": "Commerce Agent",
    "SITE_SUBHEADER": "Console",
    "SITE_SYMBOL": "forum",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _static("console/mark.svg")}],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": False,
    "ENVIRONMENT": "commerce_agent.console.navigation.get_environment_badge",
    "STYLES": [_static("console/console.css")],
    "SCRIPTS": [_static("console/copy.js"), _static("console/wait.js")],
    "LOGIN": {"form": "commerce_agent.console.entering.EnterForm"},
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            "50": "oklch(97.5% .018 175)",
            "100": "oklch(94.5% .038 175)",
            "200": "oklch(89.5% .065 175)",
            "300": "oklch(82% .09 175)",
            "400": "oklch(72.5% .105 176)",
            "500": "oklch(62% .103 177)",
            "600": "oklch(51% .088 178)",
            "700": "oklch(44% .074 179)",
            "800": "oklch(37.5% .06 180)",
            "900": "oklch(32% .05 181)",
            "950": "oklch(23% .04 182)",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "commerce_agent.console.navigation.list_groups",
    },
}
