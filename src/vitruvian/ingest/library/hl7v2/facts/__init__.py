"""What segments mean: people, visits, results, orders, statements, documents."""
