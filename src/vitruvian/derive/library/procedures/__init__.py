"""Operations and examinations read in notes."""
