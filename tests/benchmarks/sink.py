"""python -m tests.benchmarks.sink PORT: a provider that takes every mail at once and remembers nothing: the least a provider can cost."""

import sys
from itertools import count

from aiohttp import web

from orchestrator.runtime.serving import serve

_ids = count()


async def take(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(status=202, headers={"X-Message-Id": f"sink{next(_ids)}"})


async def main(port: int) -> None:
    import asyncio

    app = web.Application(client_max_size=31 * 1024 * 1024)
    app.router.add_post("/sandbox/sendgrid/v3/mail/send", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    serve(main(int(sys.argv[1])))
