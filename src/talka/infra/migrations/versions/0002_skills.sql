-- Skills, user skills, restrictions and metadata.
select 1;
