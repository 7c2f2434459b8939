ALTER TABLE t
  ADD COLUM b int,, c;
