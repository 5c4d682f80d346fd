import pytest
from django.db import models
from django.db.migrations.writer import MigrationWriter
from django.test.utils import isolate_apps

from prm.core.models import RefField, RefRow


@isolate_apps("prm.core")
def test_the_prefix_of_the_model_stands_in_the_migration():
    class Thing(RefRow):
        REF_PREFIX = "TH"

        class Meta:
            app_label = "core"

    field = Thing._meta.get_field("ref")
    assert MigrationWriter.serialize(field)[0] == "prm.core.models.RefField(prefix='TH')"
    assert field.clone().get_default().startswith("TH-")
    assert (field.max_length, field.unique, field.editable) == (16, True, False)
    assert Thing(ref="TH-00000000").ref == "TH-00000000"


@isolate_apps("prm.core")
def test_the_prefix_may_be_given_to_the_field():
    class Thing(models.Model):
        ref = RefField("X")

        class Meta:
            app_label = "core"

    assert Thing().ref.startswith("X-")
    assert MigrationWriter.serialize(Thing._meta.get_field("ref"))[0] == "prm.core.models.RefField(prefix='X')"


@isolate_apps("prm.core")
def test_a_ref_without_prefix_is_refused():
    with pytest.raises(ValueError, match="needs a REF_PREFIX"):

        class Thing(RefRow):
            class Meta:
                app_label = "core"


@isolate_apps("prm.core")
def test_a_prefix_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="7 characters"):

        class Thing(models.Model):
            REF_PREFIX = "TOOLONGX"
            ref = RefField()

            class Meta:
                app_label = "core"
