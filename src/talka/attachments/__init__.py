"""Attachments: files that workers put into their pages, and who may read them."""
