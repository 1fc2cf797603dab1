"""The Bot API over HTTP: routes, tokens, long polling, webhooks, downloads."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import structlog
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox import chats, editing, profile, sending
from bot.sandbox.call import Call, chat_id_of
from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.parameters import Parameters, Upload

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.sandbox.sandbox import Sandbox
    from bot.sandbox.state import Event

_log = structlog.get_logger(__name__)

Method = Callable[[Call], Any]

METHODS: dict[str, Method] = {
    "getMe": profile.get_me,
    "setMyCommands": profile.set_my_commands,
    "getMyCommands": profile.get_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    "setMyDescription": profile.set_my_description,
    "getMyDescription": profile.get_my_description,
    "setMyShortDescription": profile.set_my_short_description,
    "getMyShortDescription": profile.get_my_short_description,
    "setMyName": profile.set_my_name,
    "getMyName": profile.get_my_name,
    "setChatMenuButton": profile.set_chat_menu_button,
    "getChatMenuButton": profile.get_chat_menu_button,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendDocument": sending.send_document,
    "sendMediaGroup": sending.send_media_group,
    "sendChatAction": sending.send_chat_action,
    "sendMessageDraft": sending.send_message_draft,
    "forwardMessage": sending.forward_message,
    "copyMessage": sending.copy_message,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageMedia": editing.edit_message_media,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": editing.answer_callback_query,
    "setMessageReaction": editing.set_message_reaction,
    "getChat": chats.get_chat,
    "getChatMember": chats.get_chat_member,
    "getChatMemberCount": chats.get_chat_member_count,
    "leaveChat": chats.leave_chat,
    "pinChatMessage": chats.pin_chat_message,
    "unpinChatMessage": chats.unpin_chat_message,
    "getFile": chats.get_file,
}
_UPDATE_METHODS = ("getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo", "logOut", "close")
# Telegram takes method names in any case
_NAMES = {name.lower(): name for name in (*METHODS, *_UPDATE_METHODS)}
_COUNTED = frozenset(
    {
        "sendMessage",
        "sendPhoto",
        "sendDocument",
        "sendMediaGroup",
        "forwardMessage",
        "copyMessage",
        "editMessageText",
        "editMessageCaption",
        "editMessageMedia",
        "editMessageReplyMarkup",
    }
)
_TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{20,64}")
_MAX_POLL_S = 50
_MAX_BODY = 60 * 1024**2
_WEBHOOK_TIMEOUT_S = 30.0
_WEBHOOK_RETRY_S = 0.5
_TERMINATED = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


class BotApi:
    """Serves one sandbox's bot."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.closing = False
        self._poller: asyncio.Event | None = None
        self._webhook_error: tuple[int, str] | None = None

    def routes(self) -> list[Route]:
        """Where the Bot API and its downloads are served."""
        return [
            Route("/bot{token}/{method}", self._serve_method, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self._serve_file, methods=["GET"]),
        ]

    async def _serve_method(self, request: Request) -> Response:
        refusal = self._refusal(request.path_params["token"])
        if refusal:
            return _json(refusal.to_json(), refusal.code)
        asked = request.path_params["method"]
        name = _NAMES.get(asked.lower())
        try:
            parameters = await _parameters(request)
        except ApiError as error:
            return _json(error.to_json(), error.code)
        with self._sandbox.recorded(name or asked, parameters.logged()) as finish:
            try:
                result = await self._run(name, parameters)
            except ApiError as error:
                finish(error.code, error.to_json())
                return _json(error.to_json(), error.code)
            except Exception:  # noqa: BLE001 - a server answers, whatever broke
                _log.exception("sandbox.method_failed", method=asked)
                broken = ApiError(500, "Internal Server Error")
                finish(broken.code, broken.to_json())
                return _json(broken.to_json(), broken.code)
            finish(200, result)
        return _json({"ok": True, "result": result})

    async def _run(self, name: str | None, parameters: Parameters) -> Any:
        if name is None:
            raise ApiError(404, "Not Found: method not found")
        sandbox = self._sandbox
        with sandbox.lock:
            chat_id = chat_id_of(sandbox, parameters) if "chat_id" in parameters.values else None
            album = parameters.structure("media", "media") if name == "sendMediaGroup" else None
            count = len(album) if isinstance(album, list) else int(name in _COUNTED)
            sandbox.admit(name.lower(), chat_id if name in _COUNTED else None, count)
            if name in METHODS:
                result = METHODS[name](Call(sandbox, parameters))
                sandbox.faults.after(name.lower())
                return result
        if name == "getUpdates":
            return await self._get_updates(parameters)
        if name == "setWebhook":
            return self._set_webhook(parameters)
        if name == "deleteWebhook":
            return self._delete_webhook(parameters)
        if name == "getWebhookInfo":
            return self._webhook_info()
        return True

    def _refusal(self, token: str) -> ApiError | None:
        if not _TOKEN.fullmatch(token):
            return ApiError(404, "Not Found")
        if not hmac.compare_digest(token.encode(), self._sandbox.bot.token.encode()):
            return ApiError(401, "Unauthorized")
        return None

    async def _get_updates(self, parameters: Parameters) -> Any:
        sandbox = self._sandbox
        if sandbox.settings.get("webhook"):
            raise ApiError(409, _WEBHOOK_ACTIVE)
        if self._poller:
            # the newcomer takes over; the one who waits is told
            self._poller.set()
        own_turn_over = self._poller = asyncio.Event()
        self._allow(parameters)
        offset = parameters.integer("offset", 0) or 0
        limit = parameters.integer("limit", 100) or 100
        deadline = time.monotonic() + min(max(parameters.integer("timeout", 0) or 0, 0), _MAX_POLL_S)
        changed = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wake(event: Event) -> None:
            if event["type"] in ("update", "closed"):
                loop.call_soon_threadsafe(changed.set)

        stop = sandbox.subscribe(wake)
        try:
            with sandbox.lock:
                if offset:
                    sandbox.confirm_updates(offset)
            while True:
                changed.clear()
                with sandbox.lock:
                    batch = sandbox.updates.peek(limit)
                left = deadline - time.monotonic()
                if own_turn_over.is_set():
                    raise ApiError(409, _TERMINATED)
                if batch or left <= 0 or self.closing:
                    return batch
                waits = [asyncio.ensure_future(changed.wait()), asyncio.ensure_future(own_turn_over.wait())]
                try:
                    await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for wait in waits:
                        wait.cancel()
        finally:
            stop()
            if self._poller is own_turn_over:
                self._poller = None

    def _allow(self, parameters: Parameters) -> None:
        allowed = parameters.structure("allowed_updates", "allowed_updates")
        if isinstance(allowed, list):
            self._sandbox.updates.allowed = tuple(str(kind) for kind in allowed)

    def _set_webhook(self, parameters: Parameters) -> bool:
        url = parameters.text("url")
        if not url:
            return self._delete_webhook(parameters)
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        secret = parameters.text("secret_token")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad_request("secret token contains unallowed characters")
        with self._sandbox.lock:
            self._allow(parameters)
            if parameters.boolean("drop_pending_updates"):
                self._sandbox.confirm_updates(self._sandbox.updates.next_id)
            self._webhook_error = None
            self._sandbox.remember("webhook", {"url": url, "secret": secret})
            self._sandbox.emit({"type": "update"})
        return True

    def _delete_webhook(self, parameters: Parameters) -> bool:
        with self._sandbox.lock:
            if parameters.boolean("drop_pending_updates"):
                self._sandbox.confirm_updates(self._sandbox.updates.next_id)
            if self._sandbox.settings.get("webhook"):
                self._sandbox.remember("webhook", None)
        return True

    def _webhook_info(self) -> dict[str, Any]:
        webhook = self._sandbox.settings.get("webhook") or {}
        result = {
            "url": webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": self._sandbox.pending_updates(),
        }
        if self._webhook_error:
            result["last_error_date"], result["last_error_message"] = self._webhook_error
        if self._sandbox.updates.allowed:
            result["allowed_updates"] = list(self._sandbox.updates.allowed)
        return result

    async def deliver_to_webhook(self) -> None:
        """Posts updates one by one to the webhook while one is set; runs until cancelled."""
        changed = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wake(_: Event) -> None:
            loop.call_soon_threadsafe(changed.set)

        stop = self._sandbox.subscribe(wake)
        try:
            async with httpx.AsyncClient(timeout=_WEBHOOK_TIMEOUT_S, trust_env=False) as client:
                while not self.closing:
                    webhook = self._sandbox.settings.get("webhook")
                    batch = self._sandbox.updates.peek(1) if webhook else ()
                    if not webhook or not batch:
                        await changed.wait()
                        changed.clear()
                    elif await self._post(client, webhook, batch[0]):
                        with self._sandbox.lock:
                            self._sandbox.confirm_updates(batch[0]["update_id"] + 1)
                    else:
                        await asyncio.sleep(_WEBHOOK_RETRY_S)
        finally:
            stop()

    async def _post(self, client: httpx.AsyncClient, webhook: dict[str, str], update: dict[str, Any]) -> bool:
        headers = {"X-Telegram-Bot-Api-Secret-Token": webhook["secret"]} if webhook["secret"] else {}
        try:
            response = await client.post(webhook["url"], json=update, headers=headers)
        except httpx.HTTPError as error:
            self._webhook_error = (int(self._sandbox.clock()), f"Connection failed: {type(error).__name__}")
            return False
        if not response.is_success:
            reason = f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}"
            self._webhook_error = (int(self._sandbox.clock()), reason)
            return False
        return True

    async def _serve_file(self, request: Request) -> Response:
        refusal = self._refusal(request.path_params["token"])
        if refusal:
            return _json(refusal.to_json(), refusal.code)
        stored = self._sandbox.files.by_path(request.path_params["path"])
        if stored is None:
            return _json(ApiError(404, "Not Found").to_json(), 404)
        content = await asyncio.to_thread(self._sandbox.files.content, stored)
        return Response(content, media_type="application/octet-stream")


async def _parameters(request: Request) -> Parameters:
    """Query, form, multipart and JSON bodies alike."""
    values: dict[str, Any] = dict(request.query_params)
    uploads: dict[str, Upload] = {}
    if int(request.headers.get("content-length") or 0) > _MAX_BODY:
        raise ApiError(413, "Request Entity Too Large")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            body = json.loads(await request.body())
        except ValueError as error:
            raise bad_request("can't parse JSON object") from error
        if not isinstance(body, dict):
            raise bad_request("can't parse JSON object")
        values |= body
    elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        # texts may be long; Telegram's own limits are checked later
        async with request.form(max_part_size=_MAX_BODY) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    uploads[name] = Upload(value.filename or "file", await value.read(), value.content_type or "")
                else:
                    values[name] = value
    return Parameters(values, uploads)


def _json(body: object, status: int = 200) -> JSONResponse:
    return JSONResponse(body, status_code=status)
