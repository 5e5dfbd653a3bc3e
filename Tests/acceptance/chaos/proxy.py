"""A TCP proxy that stands between two processes and can cut, stall, slow down or refuse what passes."""

import asyncio
import threading


class Line:
    """One way between two processes: a port to speak to, and what is done to those who do."""

    def __init__(self, name, target, network):
        # `target` is a port, or the path of a unix socket.
        self.name, self.target, self.network = name, target, network
        self.delay, self.refuses, self.stalls, self.swallows = 0.0, False, False, False
        self.writers = set()
        self.port = None

    async def listen(self):
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", 0, limit=2**16)
        self.port = self.server.sockets[0].getsockname()[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    async def accept(self, reader, writer):
        self.writers.add(writer)
        other = None
        try:
            if self.refuses:
                return
            if isinstance(self.target, int):
                there, other = await asyncio.open_connection("127.0.0.1", self.target)
            else:
                there, other = await asyncio.open_unix_connection(self.target)
            self.writers.add(other)
            ways = [
                asyncio.ensure_future(self.pass_on(reader, other, answers=False)),
                asyncio.ensure_future(self.pass_on(there, writer, answers=True)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
        except OSError:
            pass
        finally:
            for end in filter(None, (writer, other)):
                self.writers.discard(end)
                end.transport.abort() if end is writer and self.refuses else end.close()

    async def pass_on(self, reader, writer, answers):
        try:
            while data := await reader.read(2**16):
                if answers and self.swallows:
                    return
                if self.delay:
                    await asyncio.sleep(self.delay)
                while self.stalls:
                    await asyncio.sleep(0.05)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass

    # What can be done to it, from any thread

    def cut(self):
        """Every connection ends at once; new ones are taken."""
        self.network.call(self.abort)

    def abort(self):
        for writer in list(self.writers):
            writer.transport.abort()

    def set(self, **what):
        for name, value in what.items():
            setattr(self, name, value)
        if self.refuses:
            self.cut()

    def heal(self):
        self.delay, self.refuses, self.stalls, self.swallows = 0.0, False, False, False


class Network:
    """All lines, on one loop in one thread."""

    def __init__(self):
        self.lines = {}
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def add(self, name, target):
        line = Line(name, target, self)
        asyncio.run_coroutine_threadsafe(line.listen(), self.loop).result(10)
        self.lines[name] = line
        return line

    def call(self, action):
        self.loop.call_soon_threadsafe(action)

    def heal(self):
        for line in self.lines.values():
            line.heal()

    def close(self):
        self.heal()
        for line in self.lines.values():
            self.call(line.abort)
            self.call(line.server.close)
        self.call(self.loop.stop)
        self.thread.join(10)
