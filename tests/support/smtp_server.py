"""A mail server for tests: Debian's python3-aiosmtpd on 127.0.0.1, told what to do on its input.

Prints "port N" when it listens. Then each line is answered with "ok":
  mails N       when N mails are in the directory, as 1.eml, 2.eml, ...
  held N        when N texts came whose answer is held back
  rule RULE     for all that follow: take | rcpt CODE | data CODE | drop | keep-drop | hang |
                keep-hang
It ends with its input.
"""

import argparse
import asyncio
import logging
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Handler:
    def __init__(self, directory):
        self.directory = directory
        self.rule = ["take"]
        self.count = len(os.listdir(directory))
        self.held = 0
        self.came = asyncio.Condition()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.rule[0] == "rcpt":
            return self.rule[1] + " not now, or never"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        rule = self.rule[0]
        if rule == "data":
            return self.rule[1] + " not this text"
        if rule not in ("drop", "hang"):
            await self.keep(session, envelope)
        if rule in ("hang", "keep-hang"):
            async with self.came:
                self.held += 1
                self.came.notify_all()
            await asyncio.Event().wait()
        if rule in ("drop", "keep-drop"):
            server.transport.abort()
        return "250 OK"

    async def keep(self, session, envelope):
        head = [
            "X-Envelope-From: " + envelope.mail_from,
            "X-Envelope-To: " + " ".join(envelope.rcpt_tos),
            "X-Helo: " + session.host_name,
            "X-Tls: " + ("yes" if session.ssl else "no"),
            "X-Login: " + (session.auth_data.decode() if session.auth_data else "none"),
        ]
        path = os.path.join(self.directory, "%d.eml" % (self.count + 1))
        with open(path, "wb") as out:
            out.write("\r\n".join(head).encode() + b"\r\n" + envelope.original_content)
        async with self.came:
            self.count += 1
            self.came.notify_all()

    async def obey(self, words):
        if words[0] == "rule":
            self.rule = words[1:]
        elif words[0] == "mails":
            async with self.came:
                await self.came.wait_for(lambda: self.count >= int(words[1]))
        elif words[0] == "held":
            async with self.came:
                await self.came.wait_for(lambda: self.held >= int(words[1]))
        print("ok", flush=True)


def authenticator(user, password):
    def check(server, session, envelope, mechanism, given):
        right = (
            isinstance(given, LoginPassword)
            and given.login.decode() == user
            and given.password.decode() == password
        )
        # Not handled: the library is to say no itself.
        return AuthResult(success=right, handled=False, auth_data=given.login if right else None)

    return check


async def listen(loop, factory, wanted):
    if wanted:
        return await loop.create_server(factory, "127.0.0.1", wanted)
    # Below the ports that the kernel gives to outgoing connections, so that none of those takes it
    # while this server is away.
    for offset in range(12000):
        port = 20000 + (os.getpid() * 31 + offset) % 12000
        try:
            return await loop.create_server(factory, "127.0.0.1", port)
        except OSError:
            continue
    raise SystemExit("no free port")


async def main():
    # What fails here is what a test asked for.
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    parser.add_argument("--login", nargs=2, metavar=("USER", "PASSWORD"))
    words = parser.parse_args()
    handler = Handler(words.directory)
    options = {"hostname": "mail.test.example"}
    if words.tls:
        options["tls_context"] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        options["tls_context"].load_cert_chain(*words.tls)
    if words.login:
        options["authenticator"] = authenticator(*words.login)
        options["auth_required"] = True
        options["auth_require_tls"] = bool(words.tls)
    loop = asyncio.get_running_loop()
    server = await listen(loop, lambda: SMTP(handler, **options), words.port)
    print("port %d" % server.sockets[0].getsockname()[1], flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await handler.obey(line.split())


asyncio.run(main())
