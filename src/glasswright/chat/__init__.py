"""Conversations as the text that a model was trained on: chat templates, rendered as the ecosystem does.

render(template, conversations, at=now)     one text for each, or an error that says what the template did
"""

from glasswright.chat.render import Conversation, render

__all__ = ["Conversation", "render"]
