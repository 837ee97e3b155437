"""Does Kafka let us in? Asked before a client starts: whatever is wrong, all that clients say of it is that they cannot bootstrap."""

import asyncio
import contextlib
import ssl
from collections.abc import Collection

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from orchestrator.errors import ConfigurationError, ServiceUnavailable
from orchestrator.runtime.kafka_address import Broker, KafkaAddress
from orchestrator.runtime.kafka_refusal import not_allowed

ANSWER_WITHIN = 15.0
"""Seconds that a broker has for each answer."""
ASK_AGAIN = 1.0
"""Seconds after which one that hung up is asked once more: it may have been on its way out."""
LEAVE_WITHIN = 1.0
"""Seconds that a broker has for its end of a connection that we close."""
ALERT = 0x1503
"""What a TLS server answers to those who speak none begins so; read as Kafka's own, it is the length of an answer."""
Refused = ConfigurationError | ServiceUnavailable


async def check_access(address: KafkaAddress) -> None:
    """One broker that lets us in is enough. Raises ConfigurationError that names the setting, ServiceUnavailable when none answers."""
    brokers = await _any_of(address, address.brokers)
    if not brokers or brokers & set(address.brokers):
        return
    try:
        await _any_of(address, brokers)
    except (ConfigurationError, ServiceUnavailable) as error:
        raise type(error)(f"{error}; that is what the brokers at CONCIERGE_KAFKA call themselves (their advertised.listeners)") from error


def in_our_words(error: BaseException) -> BaseException:
    """What a client of Kafka raised while it ran, as ConfigurationError or ServiceUnavailable; anything else as it is."""
    if not isinstance(error, KafkaError):
        return error
    refused = isinstance(error, TopicAuthorizationFailedError | GroupAuthorizationFailedError | ClusterAuthorizationFailedError)
    told: Refused = not_allowed(error) if refused else ServiceUnavailable(f"Kafka: {type(error).__name__}: {error}")
    told.__cause__ = error
    return told


async def _any_of(address: KafkaAddress, brokers: Collection[Broker]) -> set[Broker]:
    """All brokers, as the first one that lets us in knows them."""
    refused: list[Refused] = []
    asked = [asyncio.create_task(_ask(address, one)) for one in brokers]
    try:
        for one in asyncio.as_completed(asked):
            try:
                return await one
            except (ConfigurationError, ServiceUnavailable) as error:
                refused.append(error)
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    wrong = [one for one in refused if isinstance(one, ConfigurationError)]
    raise wrong[0] if wrong else ServiceUnavailable(f"Kafka cannot be reached: {'; '.join(map(str, refused))}")


async def _ask(address: KafkaAddress, broker: Broker) -> set[Broker]:
    security = {name: value for name, value in address.options.items() if name != "bootstrap_servers"}
    again = True
    while True:
        within = False
        connection = AIOKafkaConnection(broker.host, broker.port, request_timeout_ms=ANSWER_WITHIN * 1000, **security)
        try:
            try:
                await connection.connect()
                within = True
                # a broker that wants a password tells its versions to everybody, and hangs up at the next question
                answer = await connection.send(MetadataRequest([]))
                return {Broker(host, port) for _node, host, port, *_rack in answer.brokers}
            finally:
                await _leave(connection)
        except (KafkaError, OSError) as error:
            told = _told(error, address, broker, within=within)
            if isinstance(told, str):
                if not again:
                    raise ConfigurationError(f"Kafka at {broker} {told}") from error
            else:
                raise told from error
        again = False
        await asyncio.sleep(ASK_AGAIN)


async def _leave(connection: AIOKafkaConnection) -> None:
    """Closed, and gone: the end of TLS takes a word from the other side, and whoever asked may end its loop right after."""
    closed = connection.close()
    if connection._protocol is None:  # noqa: SLF001  (nothing was ever connected, so nobody will say that it is closed)
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LEAVE_WITHIN):
            await asyncio.shield(closed)


def _told(error: Exception, address: KafkaAddress, broker: Broker, *, within: bool) -> Refused | str:
    """What it means. A text: it hung up, and that is what it means if it does so again."""
    cause = error.__cause__ or error
    protocol = address.options.get("security_protocol", "PLAINTEXT")
    mechanism = address.options.get("sasl_mechanism")
    who = f"Kafka at {broker}"
    match error:
        case SaslAuthenticationFailed():
            return ConfigurationError(
                f"{who} does not let {address.options.get('sasl_plain_username')!r} in: {error.args[0] if error.args else 'it does not say why'}; "
                "see CONCIERGE_KAFKA_SASL_USERNAME, CONCIERGE_KAFKA_SASL_PASSWORD and CONCIERGE_KAFKA_SASL_MECHANISM"
            )
        case UnsupportedSaslMechanismError():
            return ConfigurationError(f"{who} does not take CONCIERGE_KAFKA_SASL_MECHANISM={mechanism}; one that it has enabled is wanted")
        case IllegalSaslStateError():
            return ConfigurationError(
                f"{who} asks nobody for a password, CONCIERGE_KAFKA_SECURITY_PROTOCOL={protocol} gives one: {protocol.removeprefix('SASL_')}, or another port"
            )
        case TimeoutError():
            return ServiceUnavailable(f"{who} does not answer within {ANSWER_WITHIN:.0f} s")
    match cause:
        case ssl.SSLCertVerificationError():
            return ConfigurationError(f"the certificate of {who} is not accepted: {cause.verify_message}; {_mend(cause)}")
        case ssl.SSLError():
            return ConfigurationError(
                f"{who} and we do not agree on TLS: {cause.reason or cause}; it may want a certificate of ours: CONCIERGE_KAFKA_SSL_CERTFILE "
                "and CONCIERGE_KAFKA_SSL_KEYFILE"
            )
        case asyncio.IncompleteReadError() if (cause.expected or 0) >> 16 == ALERT:
            fitting = "SASL_SSL" if mechanism else "SSL or SASL_SSL"
            return f"speaks TLS, CONCIERGE_KAFKA_SECURITY_PROTOCOL={protocol} does not: {fitting}, or another port"
        case ConnectionResetError() if protocol.endswith("SSL") and not within:
            fitting = "SASL_PLAINTEXT" if mechanism else "PLAINTEXT or SASL_PLAINTEXT"
            return f"does not speak TLS, CONCIERGE_KAFKA_SECURITY_PROTOCOL={protocol} does: {fitting}, or another port"
        case asyncio.IncompleteReadError() if within and not mechanism:
            wanted = "SASL_SSL" if protocol == "SSL" else "SASL_PLAINTEXT"
            return f"wants a user name and a password, CONCIERGE_KAFKA_SECURITY_PROTOCOL={protocol} gives none: {wanted}, or another port"
        case asyncio.IncompleteReadError() | ConnectionResetError():
            return f"hangs up: is it Kafka, and does it speak CONCIERGE_KAFKA_SECURITY_PROTOCOL={protocol} there?"
        case OSError():
            return ServiceUnavailable(f"{broker}: {cause.strerror or cause}")
        case _:
            return ServiceUnavailable(f"{broker}: {type(error).__name__}: {error}")


def _mend(error: ssl.SSLCertVerificationError) -> str:
    match error.verify_code:
        case 62 | 64:  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
            return "CONCIERGE_KAFKA is to name it as its certificate does"
        case 9 | 10:  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
            return "it wants a new one, or this machine's clock is wrong"
        case _:
            return "CONCIERGE_KAFKA_SSL_CAFILE is to hold the CA that signed it"
