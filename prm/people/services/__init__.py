"""One transaction over every app's own services when people come and go."""

from prm.people.services.erase import Erased, erase_person
from prm.people.services.member import remove_member

__all__ = ["Erased", "erase_person", "remove_member"]
