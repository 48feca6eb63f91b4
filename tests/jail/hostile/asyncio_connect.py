# tries: to open a connection, and a server, by asyncio
# must: PermissionError
# ends: raised PermissionError
# control: no, nothing listens there
import asyncio


async def main():
    try:
        server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        print("HARM") if server.sockets else None
    finally:
        await asyncio.open_connection("127.0.0.1", 22)
        print("HARM")


asyncio.run(main())
