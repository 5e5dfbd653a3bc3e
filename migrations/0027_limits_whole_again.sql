-- Lowered limits can be made whole again before their time is up: by a row that says so, because rows here only come.
ALTER TABLE limit_reductions DROP CONSTRAINT limit_reductions_factor_check;
ALTER TABLE limit_reductions ADD CONSTRAINT limit_reductions_factor_check CHECK (factor > 0 AND factor <= 1);
