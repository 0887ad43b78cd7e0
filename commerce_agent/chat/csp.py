"""What the widget frame may load, run and be embedded by."""

from collections.abc import Sequence

GUIDE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""What the page on embedding may do."""

PREVIEW_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'"
)
"""What the admin's preview of a look may do: it runs nothing."""


def frame_policy(*, host: str, ancestors: Sequence[str], sites: Sequence[str] = ()) -> str:
    """Answers the Content-Security-Policy of a widget frame of the shop on these `sites`, which `ancestors` may embed.

    Images may come from any HTTPS host, because a feed names the merchant's own image servers; the frame
    shows none but those of the catalogue's cards. The socket's address is spelled out because older Safari
    does not count it as 'self'.
    """
    # A shop that is tried out without encryption has its pictures on its own sites.
    plain = "".join(f" {site}" for site in sites if site.startswith("http:"))
    embedders = " ".join(ancestors) if ancestors else "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' https: data:{plain}",
            f"connect-src 'self' ws://{host} wss://{host}",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
            f"frame-ancestors {embedders}",
        )
    )
