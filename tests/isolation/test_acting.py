"""Who acts: taken along by what is started, narrowed and never widened."""

import asyncio
import contextvars
import importlib.util
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from hypothesis import given
from hypothesis import strategies as st

from commerce_agent.isolation.acting import (
    NOBODY,
    PLATFORM,
    ActsForOthers,
    acting_for,
    acting_for_platform,
    acting_for_talk,
    get_told,
)

SHOPS = [str(uuid4()) for _ in range(4)]


def test_a_process_begins_with_nobody() -> None:
    """Conftest lets tests in as the platform; the module's own beginning is seen by loading it anew."""
    found = importlib.util.find_spec("commerce_agent.isolation.acting")
    assert found is not None
    assert found.loader is not None
    fresh = importlib.util.module_from_spec(found)
    found.loader.exec_module(fresh)

    assert fresh.get_told() == NOBODY


@given(outer=st.sets(st.sampled_from(SHOPS)), inner=st.sets(st.sampled_from(SHOPS)))
def test_a_way_is_narrowed_and_never_widened(outer: set[str], inner: set[str]) -> None:
    with acting_for(*outer):
        before = get_told()
        if inner <= outer:
            with acting_for(*inner):
                assert set(filter(None, get_told().strip("{}").split(","))) == inner
        else:
            with pytest.raises(ActsForOthers), acting_for(*inner):
                pass
        with pytest.raises(ActsForOthers), acting_for_platform("more than was let in"):
            pass
        assert get_told() == before


def test_one_talk_is_within_its_shop_and_no_other_is_within_it() -> None:
    ours, theirs, shopper = SHOPS[0], str(uuid4()), str(uuid4())
    with acting_for(*SHOPS[:2]), acting_for_talk(SHOPS[0], talk=ours, shopper=shopper, customer="a|{b}"):
        assert get_told() == f"{{{SHOPS[0]}}}|{ours}|{shopper}|a|{{b}}"
        with acting_for_talk(SHOPS[0], talk=ours, shopper=shopper, customer="a|{b}"), acting_for():
            assert get_told() == "{}"
        for merchant, talk, whose, customer in (
            (SHOPS[0], theirs, shopper, "a|{b}"),
            (SHOPS[0], ours, str(uuid4()), "a|{b}"),
            (SHOPS[0], ours, None, None),
            (SHOPS[0], ours, shopper, "a"),
            (SHOPS[1], ours, shopper, "a|{b}"),
        ):
            with (
                pytest.raises(ActsForOthers),
                acting_for_talk(merchant, talk=talk, shopper=whose, customer=customer),
            ):
                pass
        with pytest.raises(ActsForOthers), acting_for(SHOPS[0]):
            pass


def test_what_is_no_id_is_nobodys() -> None:
    with pytest.raises(ValueError, match="badly formed"), acting_for("platform"):
        pass


async def test_tasks_and_threads_act_for_whoever_started_them() -> None:
    async def ask() -> str:
        return get_told()

    with acting_for(SHOPS[0]):
        ours = asyncio.create_task(ask())
        held = await asyncio.to_thread(get_told), await sync_to_async(get_told)()
    assert (await ours, *held) == (f"{{{SHOPS[0]}}}",) * 3
    assert get_told() == PLATFORM
    assert contextvars.copy_context().run(get_told) == PLATFORM
