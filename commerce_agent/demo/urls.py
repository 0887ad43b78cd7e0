"""Where the demo shop's pages are."""

from django.urls import path
from django.views.generic import RedirectView

from commerce_agent.demo.images import show_image
from commerce_agent.demo.shop_floor import show_shop_floor
from commerce_agent.demo.storefront import show_home, show_product, show_search, show_shelf

urlpatterns = [
    path("", show_home, name="home"),
    path("shop/", RedirectView.as_view(pattern_name="home"), name="everything"),
    path("shop/search/", show_search, name="search"),
    path("shop/image/<str:sku>.svg", show_image, name="image"),
    path("shop/product/<str:key>/", show_product, name="product"),
    path("shop/<slug:slug>/", show_shelf, name="shelf"),
    path("shop-floor/", show_shop_floor, name="shop-floor"),
]
