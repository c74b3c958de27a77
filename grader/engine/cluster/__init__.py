"""Run notebooks on other machines: a Dask cluster of workers that have the tool and no course."""
