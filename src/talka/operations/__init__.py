"""Operations: work that a requester started and can watch, with its log."""
