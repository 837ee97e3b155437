"""Every error as problem JSON: those of the framework, and our own mistakes."""

import logging
from difflib import get_close_matches

from aiohttp import web

from orchestrator.gateway.problem import problem
from orchestrator.gateway.route import Answer

_log = logging.getLogger(__name__)


@web.middleware
async def errors_are_problems(request: web.Request, handler: Answer) -> web.StreamResponse:
    """A mistake of ours is logged and answered 500; the next request finds the process as it was."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _told(request, error)
    except (ConnectionError, web.RequestPayloadError) as error:
        return problem(400, "The request was cut short", f"{error}; send it again")  # mostly there is nobody left to read this
    except Exception:  # noqa: BLE001  (logged, answered, and the next request is served)
        resource = request.match_info.route.resource
        _log.exception("%s %s failed", request.method, resource.canonical if resource is not None else "")
        return problem(500, "Our mistake", "the log says more; nothing of this request was taken unless an earlier answer said so")


def _told(request: web.Request, error: web.HTTPException) -> web.Response:
    asked = f"{request.method} {request.path[:200]}"
    match error:
        case web.HTTPNotFound():
            paths = sorted({r.canonical for r in request.app.router.resources()})
            near = get_close_matches(request.path[:200], paths, 1, 0.6)
            return problem(404, "Nothing is here", f"{asked}; {f'did you mean {near[0]}? ' if near else ''}/openapi.json lists every path")
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            return problem(405, "Not with this method", f"{asked}; it takes {allowed}", headers={"Allow": allowed})
        case _:
            return problem(error.status, error.reason, asked)
