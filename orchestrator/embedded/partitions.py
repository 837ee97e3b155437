"""How many partitions a data folder has."""

from orchestrator.errors import ConfigurationError
from orchestrator.runtime.settings import PARTITIONS, Settings
from orchestrator.state.sqlite_database import SqliteDatabase


def fixed_partitions(database: SqliteDatabase, settings: Settings) -> int:
    """Fixed with the first start on the folder. Raises ConfigurationError where settings want another number."""
    database.setup("CREATE TABLE IF NOT EXISTS setup(partitions INTEGER NOT NULL)")
    held = next((int(row[0]) for row in database.read("SELECT partitions FROM setup")), None)
    wanted = settings.partitions(held or PARTITIONS)
    if held is None:
        database.setup(f"INSERT INTO setup VALUES ({wanted})")
    elif held != wanted:
        raise ConfigurationError(
            f"the data folder was made with {held} partitions, settings say {wanted}: the number is fixed for a deployment"
        )
    return wanted
