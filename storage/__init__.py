"""What is stored, and the transactions that change it; ORM rows never leave this package.

`models` holds the tables, `database` the engines, `schema` the migrations at start-up, and one module
for each aggregate the statements. Functions take a Session; the caller owns the transaction.
"""
