"""What a publication to PostgreSQL holds, what is kept of it, and the way back."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pytest

from publishing.marts import PublishError
from publishing.postgres.pace import Pace
from publishing.postgres.publication import publications, rollback
from publishing.postgres.shape import TableModel
from tests.publishing.made_marts import Province, rows_of


def generations(province: Province) -> list[int]:
    """Of which generation each mart's rows are: one number where the answer is whole."""
    return sorted(
        {
            generation
            for table in ("dim_agency", "fct_value", "mart_summary", "mart_history", "fct_outcome", "mart_named")
            for (generation,) in province.ask(f"select distinct generation from mart.{table}")
        }
    )


def test_every_row_and_value_comes_as_the_published_file_has_it(province: Province) -> None:
    extremes = (
        "create table mart.fct_extreme as select * from (values"
        " (1, 0::decimal(20, 6), 99999999999999999999999999999999.999999::decimal(38, 6), 'ế, \"dấu\"\n\t\\', true,"
        " date '0001-01-01', timestamp '1969-12-31 23:59:59.999999', 0.1::double, 9223372036854775807::bigint),"
        " (2, -0.000001, -1.5, '', false, date '9999-12-31', timestamp '2100-01-01 00:00:00', -1e300, -1),"
        " (3, 12345678901234.5, 10000, null, null, null, null, null, null),"
        " (4, -10000.0001, 0.0001, 'x', true, date '2021-12-20', timestamp '2021-12-20 01:02:03', 'nan'::double, 0))"
        " as made (n, small, large, text, is_so, on_day, at_moment, share, big)"
    )
    result = province.say_and_publish(1, extremes)
    assert result.is_published
    for query in (
        "select * from mart.fct_value order by indicator_code",
        "select * from mart.fct_extreme order by n",
        "select * from mart.mart_summary order by period_code",
        "select * from mart.mart_named order by agency_code",
    ):
        with duckdb.connect(str(province.published), read_only=True) as connection:
            wanted = connection.execute(query).fetchall()
        assert wanted
        assert repr(province.ask(query)) == repr(wanted)
    assert province.ask("select value from mart.fct_value limit 1") == [(Decimal("1.000000"),)]


def test_keys_indexes_relations_and_comments_stand(province: Province) -> None:
    province.say_and_publish(1)
    found = province.ask(
        "select conrelid::regclass::text, contype::text, convalidated from pg_constraint"
        " where connamespace = 'night_20211220_01'::regnamespace and contype in ('p', 'f', 'u') order by 1, 2"
    )
    night = "night_20211220_01."
    assert found == [
        (f"{night}dim_agency", "p", True),
        (f"{night}fct_value", "f", False),  # proven before it was sent
        (f"{night}fct_value", "u", True),  # a column of its key may be null
        (f"{night}mart_summary", "p", True),
    ]
    indexed = province.ask(
        "select indexdef from pg_indexes where schemaname = 'night_20211220_01' and tablename = 'fct_value' order by 1"
    )
    assert [definition.partition(" (")[2] for (definition,) in indexed] == [
        "period_code, indicator_code)",
        "agency_code, period_code, indicator_code) NULLS NOT DISTINCT",
    ]
    assert province.ask("select obj_description('mart.fct_value'::regclass)") == [
        ("Số liệu, one row each; it's a fact",)
    ]
    assert province.ask("select obj_description('mart.mart_named'::regclass)") == [("Tên",)]
    assert province.ask("select obj_description('mart.dim_agency'::regclass)") == [("Cơ quan",)]
    assert province.ask("select col_description('mart.dim_agency'::regclass, 2)") == [("Tên",)]
    assert province.ask(
        "select column_name, col_description('mart.fct_value'::regclass, ordinal_position) from information_schema.columns"
        " where table_name = 'fct_value' and table_schema = 'mart' and column_name = 'value'"
    ) == [("value", "Giá trị")]


def test_rows_are_kept_without_padding_and_shown_in_the_order_of_the_published_file(province: Province) -> None:
    province.say_and_publish(1)
    kept = province.ask(
        "select attlen from pg_attribute where attrelid = 'night_20211220_01.fct_value'::regclass and attnum > 0 order by attnum"
    )
    lengths = [length for (length,) in kept]
    assert lengths == sorted(lengths, reverse=True)  # a varying length is -1
    assert len(set(lengths)) > 1
    with duckdb.connect(str(province.published), read_only=True) as connection:
        columns = connection.execute("select column_name from (describe mart.fct_value)").fetchall()
    shown = "select attname::text from pg_attribute where attrelid = 'mart.fct_value'::regclass and attnum > 0 order by attnum"
    assert province.ask(shown) == columns


def test_only_the_current_night_is_read_whatever_number_is_kept(province: Province) -> None:
    for generation in range(1, 5):
        province.say_and_publish(generation)
    plan = "\n".join(
        line
        for (line,) in province.ask(
            "explain (analyze, costs off) select * from mart.fct_value where period_code = '2021'"
        )
    )
    assert plan.count("(never executed)") >= 3, plan
    assert plan.count("on fct_value fct_value_") == 4, plan


def test_what_says_the_same_is_not_published_again(province: Province) -> None:
    assert province.say_and_publish(1).is_published
    assert not province.say_and_publish(1).is_published
    assert [kept.name for kept in publications(province.dsn)] == ["night_20211220_01"]


def test_other_keys_over_the_same_rows_are_published(province: Province) -> None:
    province.say_and_publish(1)
    province.models = (*province.models, TableModel("fct_outcome", primary_key=("result",), required=("result",)))
    assert province.publish().is_published


def test_a_row_that_breaks_a_key_or_relation_stops_the_publication_and_the_last_one_stays(province: Province) -> None:
    province.say_and_publish(1)
    province.say(2, "insert into mart.dim_agency from mart.dim_agency limit 1")
    with pytest.raises(PublishError, match=r"duplicated|could not create unique index"):
        province.publish()
    province.say(2, "delete from mart.dim_agency where agency_code = 'H51.03'")
    with pytest.raises(PublishError, match=r"mart\.fct_value\.agency_code says H51\.03, which is no agency_code"):
        province.publish()
    assert generations(province) == [1]
    assert province.ask("select nspname from pg_namespace where nspname like 'night%'") == [("night_20211220_01",)]
    assert province.say_and_publish(2).is_published
    assert generations(province) == [2]


def test_at_either_pace_the_same_rows_stand_under_the_same_keys_and_indexes(province: Province) -> None:
    found = []
    paces: tuple[Pace, ...] = ("full", "gentle")
    for generation, pace in enumerate(paces):
        province.say(1, f"comment on table mart.fct_value is '{generation}'", rows=3000)
        night = province.publish(pace=pace).publication
        rows = province.ask("select * from mart.fct_value order by indicator_code")
        stands = province.ask(
            "select tablename, replace(indexdef, %s, '') from pg_indexes where schemaname = %s"
            " union all select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint"
            f" where connamespace = '{night}'::regnamespace and contype in ('p', 'f', 'u')".replace("%s", f"'{night}'")
        )
        found.append((len(rows), rows, sorted((table.removeprefix(f"{night}."), text) for table, text in stands)))
    assert found[0][0] == 3000
    assert found[0][1] == found[1][1]
    assert [text.replace("_02.", "_01.") for _, text in found[1][2]] == [text for _, text in found[0][2]]


def test_a_type_without_a_counterpart_is_named(province: Province) -> None:
    province.say(1, "create table mart.fct_odd as select [1, 2] as parts")
    with pytest.raises(PublishError, match=r"mart\.fct_odd\.parts is a INTEGER\[\]"):
        province.publish()


def test_the_last_publications_are_kept_and_older_ones_dropped(province: Province) -> None:
    results = [province.say_and_publish(generation, kept=3) for generation in range(1, 6)]
    assert [result.dropped for result in results] == [(), (), (), ("night_20211220_01",), ("night_20211220_02",)]
    assert [kept.name for kept in publications(province.dsn)] == [f"night_20211220_0{n}" for n in (5, 4, 3)]
    assert [kept.is_current for kept in publications(province.dsn)] == [True, False, False]
    schemas = province.ask("select nspname from pg_namespace where nspname like 'night%' order by 1")
    assert schemas == [(f"night_20211220_0{n}",) for n in (3, 4, 5)]


def test_a_rollback_returns_to_a_kept_publication_and_stands_until_something_new_is_said(province: Province) -> None:
    for generation in (1, 2, 3):
        province.say_and_publish(generation)
    assert rollback(province.dsn) == "night_20211220_02"
    assert generations(province) == [2]
    assert rollback(province.dsn, "night_20211220_01") == "night_20211220_01"
    assert generations(province) == [1]
    assert not province.publish().is_published  # the third generation, from which the officer went back
    assert generations(province) == [1]
    assert province.say_and_publish(4).is_published
    assert generations(province) == [4]
    with pytest.raises(PublishError, match="no publication night_20300101_01 is kept"):
        rollback(province.dsn, "night_20300101_01")


def test_a_publication_that_was_gone_back_to_is_not_dropped(province: Province) -> None:
    for generation in (1, 2, 3):
        province.say_and_publish(generation, kept=3)
    rollback(province.dsn, "night_20211220_01")
    assert province.publish(kept=1).dropped == ("night_20211220_02",)
    assert generations(province) == [1]


def test_a_table_of_another_shape_is_published_and_gone_back_from(province: Province) -> None:
    province.say_and_publish(1)
    province.say_and_publish(
        2,
        "alter table mart.fct_value add column note varchar",
        "alter table mart.fct_value drop column confidence",
        "alter table mart.fct_value alter column generation type bigint",
        "create table mart.dim_period as select '2021' as period_code, 2 as generation",
    )
    assert generations(province) == [2]
    assert province.ask("select count(*), count(note) from mart.fct_value") == [(rows_of(2), 0)]
    assert province.ask("select count(*) from mart.dim_period") == [(1,)]
    rollback(province.dsn)
    assert generations(province) == [1]
    assert province.ask("select count(confidence) from mart.fct_value") == [(rows_of(1),)]
    with pytest.raises(psycopg.errors.UndefinedTable):
        province.ask("select 1 from mart.dim_period")
    province.say_and_publish(3)
    assert generations(province) == [3]
    assert province.ask("select obj_description('mart.fct_value'::regclass)") == [
        ("Số liệu, one row each; it's a fact",)
    ]


def test_a_shape_that_no_kept_publication_has_is_forgotten(province: Province) -> None:
    province.say_and_publish(1)
    for generation in (2, 3, 4):
        province.say_and_publish(generation, "alter table mart.fct_value add column note varchar", kept=1)
    assert province.ask("select parent_name from store.parent where table_name = 'fct_value'") == [("fct_value__2",)]
    assert generations(province) == [4]


def test_somebody_s_view_upon_a_mart_that_loses_a_column_stops_the_publication_by_name(province: Province) -> None:
    province.say_and_publish(1)
    with psycopg.connect(province.dsn, autocommit=True) as connection:
        connection.execute("create view public.own_view as select confidence from mart.fct_value")
    province.say(2, "alter table mart.fct_value drop column confidence")
    with pytest.raises(PublishError, match=r"own_view depends on view mart\.fct_value"):
        province.publish()
    assert generations(province) == [1]


def test_nothing_published_yet_is_told(province: Province, tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="nothing is published"):
        province.publish()
    with pytest.raises(PublishError, match="nothing has been published"):
        rollback(province.dsn)
    assert publications(province.dsn) == []


@pytest.mark.parametrize(
    "address",
    ["postgres//me:secret@nowhere", "postgresql://me:secret@127.0.0.1:1/none", "host=127.0.0.1 port=1 password=secret"],
)
def test_an_address_that_leads_nowhere_is_told_without_its_password(province: Province, address: str) -> None:
    province.say(1)
    province.dsn = address
    with pytest.raises(PublishError) as told:
        province.publish()
    assert "secret" not in str(told.value)
