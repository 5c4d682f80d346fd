from prm.core.errors import DomainError, NotAllowed, NotVisible, Reason, StaleState


def test_reasons_make_the_sentence():
    refusal = NotAllowed([Reason("tier", "Needs Gold.", "programs:tier"), Reason("paused", "Paused until Monday.")])
    assert str(refusal) == "Needs Gold. Paused until Monday."
    assert refusal.key == "tier"
    assert NotAllowed(Reason("x", "No.")).reasons == [Reason("x", "No.")]


def test_what_views_may_show_is_a_domain_error():
    assert issubclass(StaleState, DomainError)
    assert issubclass(NotAllowed, DomainError)
    assert not issubclass(NotVisible, DomainError)
