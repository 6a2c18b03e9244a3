"""The kinds of pages that the framework offers, 50 users each, in the order in which they came."""

from rest_framework import pagination


class Numbered(pagination.PageNumberPagination):
    """Its usual one: counts all users for each page."""

    def paginate_queryset(self, queryset, request, view=None):
        # djoser asks for users in no order, in which pages may repeat some and leave out others.
        return super().paginate_queryset(queryset.order_by("id"), request, view)


class Cursor(pagination.CursorPagination):
    """Its advice for large tables: no page can be chosen by number, and nothing is counted."""

    ordering = "id"
