CREATE ROLE reader_of_views;
