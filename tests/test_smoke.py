from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def test_the_service_does_not_connect_as_the_owner(session: AsyncSession) -> None:
    assert (await session.scalar(text("select current_user"))) == "evenhour_tests_app"
