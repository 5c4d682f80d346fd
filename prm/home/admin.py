"""The search page on the staff's side."""

from prm.home.views import search_admin
from prm.web.admin_site import site

site.register_page("search/", search_admin, "search")
