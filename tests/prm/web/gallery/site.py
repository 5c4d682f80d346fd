"""Stock changelists and forms on our site: filters, search, dates, actions, inlines."""

from django.contrib import admin

from prm.catalog.models import Product, ProductFamily
from prm.web.admin_site import ReviewSite

site = ReviewSite(name="gallery_admin")


class ProductInline(admin.TabularInline):
    model = Product
    fields = ("key", "name", "reviewed")
    extra = 1


@admin.register(Product, site=site)
class ProductAdmin(admin.ModelAdmin):
    list_display = ("name", "ref", "family", "reviewed", "list_price", "created_at")
    list_filter = ("reviewed", "active", "family")
    search_fields = ("name",)
    date_hierarchy = "created_at"
    list_editable = ("reviewed",)
    list_per_page = 20
    autocomplete_fields = ("family",)
    fieldsets = (
        (None, {"fields": ("key", "name", "family"), "description": "What it is."}),
        ("More", {"fields": ("reviewed", "active", ("list_price", "currency"))}),
    )


@admin.register(ProductFamily, site=site)
class FamilyAdmin(admin.ModelAdmin):
    search_fields = ("name",)
    inlines = (ProductInline,)
