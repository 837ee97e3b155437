"""Files that people hand to a command: what is wrong with one is said in words, with its line."""

import json
from pathlib import Path

from orchestrator.cli.context import Stop


def read_object(file: str) -> dict[str, object]:
    """A JSON object. Raises Stop."""
    try:
        found = json.loads(Path(file).read_bytes().decode())
    except FileNotFoundError:
        raise Stop(f"no file {file}") from None
    except OSError as error:
        raise Stop(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Stop(f"{file}: not UTF-8, byte {error.start} is not: save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        why = "something stands after the end of the JSON" if error.msg == "Extra data" else "not JSON here"
        raise Stop(f'{file}:{error.lineno}:{error.colno}: {why}; one object is wanted, for example {{"first_name": "Ada"}}') from error
    except (RecursionError, ValueError) as error:
        raise Stop(f"{file}: not JSON that can be read: nested too deeply, or a number too long") from error
    if not isinstance(found, dict):
        raise Stop(f'{file}: a JSON object is wanted, for example {{"first_name": "Ada"}}')
    return found
