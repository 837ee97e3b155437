"""What our pages say, by language; another language reads English."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Texts:
    """`{}` is put in where it stands, in this order: a topic (or a channel, in `ask_all` and `gone_all`), a day."""

    language: str
    dead_link: str
    dead_link_hint: str
    unsubscribe: str
    ask: str
    ask_all: str
    gone: str
    gone_topic: str
    gone_all: str
    choose: str
    preferences: str
    topic: str
    save: str
    stop: str
    saved: str
    why: str
    agreed: str
    customer: str
    left: str
    always: str


ENGLISH = Texts(
    "en", "This link does not work", "It may have been cut short. Open it from the message again, or answer the message and tell us.",
    "Unsubscribe", "Stop receiving {}?", "Stop receiving all our messages by {}?", "You are unsubscribed", "You will not receive {} from us any more.",
    "You will not receive messages by {} from us any more.", "Choose what we write to you", "What we write to you", "Topic", "Save", "Stop everything", "Saved.",
    "Why you got this message", "You agreed to {} on {}.", "{} is part of what we do for you as our customer. You can leave it here at any time.",
    "You left {} on {}. Nothing more of it comes.",
    "What you have ordered, and what concerns the safety of your account, we always tell you.",
)  # fmt: skip
GERMAN = Texts(
    "de", "Dieser Link funktioniert nicht", "Vielleicht ist er abgeschnitten. Öffnen Sie ihn noch einmal aus der Nachricht, oder antworten Sie darauf.",
    "Abmelden", "{} nicht mehr bekommen?", "Gar keine Nachrichten mehr per {} bekommen?", "Sie sind abgemeldet", "Sie bekommen von uns nichts mehr zu: {}.",
    "Sie bekommen von uns keine Nachrichten mehr per {}.", "Auswählen, was wir Ihnen schreiben", "Was wir Ihnen schreiben", "Thema", "Speichern", "Alles abbestellen", "Gespeichert.",
    "Warum Sie diese Nachricht bekommen haben", "Sie haben {} am {} zugestimmt.", "{} gehört zu dem, was wir für Sie als Kunden tun. Sie können es hier jederzeit abbestellen.",
    "Sie haben {} am {} abbestellt. Davon kommt nichts mehr.",
    "Was Sie bestellt haben und was die Sicherheit Ihres Kontos betrifft, teilen wir Ihnen immer mit.",
)  # fmt: skip
FRENCH = Texts(
    "fr", "Ce lien ne fonctionne pas", "Il est peut-être incomplet. Ouvrez-le à nouveau depuis le message, ou répondez au message.",
    "Se désabonner", "Ne plus recevoir\u00a0: {}\u00a0?", "Ne plus recevoir aucun message par {}\u00a0?", "Désabonnement enregistré", "Vous ne recevrez plus rien de nous à ce sujet\u00a0: {}.",
    "Vous ne recevrez plus de messages de nous par {}.", "Choisir ce que nous vous écrivons", "Ce que nous vous écrivons", "Sujet", "Enregistrer", "Tout arrêter", "Enregistré.",
    "Pourquoi vous avez reçu ce message", "Vous avez accepté\u00a0: {}, le {}.", "{}\u00a0: cela fait partie de notre service. Vous pouvez le quitter ici à tout moment.",
    "Vous avez quitté\u00a0: {}, le {}. Plus rien ne viendra.",
    "Nous vous informons toujours de vos commandes et de la sécurité de votre compte.",
)  # fmt: skip
SPANISH = Texts(
    "es", "Este enlace no funciona", "Puede que esté incompleto. Ábralo de nuevo desde el mensaje, o responda al mensaje.",
    "Darse de baja", "¿Dejar de recibir {}?", "¿Dejar de recibir todos nuestros mensajes por {}?", "Se ha dado de baja", "Ya no recibirá de nosotros: {}.",
    "Ya no recibirá mensajes nuestros por {}.", "Elegir lo que le escribimos", "Lo que le escribimos", "Tema", "Guardar", "Parar todo", "Guardado.",
    "Por qué recibió este mensaje", "Usted aceptó {} el {}.", "{} forma parte de nuestro servicio. Puede dejarlo aquí en cualquier momento.",
    "Usted dejó {} el {}. No llegará nada más.",
    "Siempre le informamos de sus pedidos y de la seguridad de su cuenta.",
)  # fmt: skip
_BY_LANGUAGE = {texts.language: texts for texts in (ENGLISH, GERMAN, FRENCH, SPANISH)}


def texts_in(locale: str) -> Texts:
    """By the language of a locale."""
    return _BY_LANGUAGE.get(locale.partition("-")[0].lower(), ENGLISH)
