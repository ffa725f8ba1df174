"""The Flask front: pages, the REST interface and its documentation. Rights, storage and answers live below it."""
