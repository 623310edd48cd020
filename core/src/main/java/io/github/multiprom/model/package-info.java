/** The immutable nouns that writing and reading share; knows no Prometheus client type. */
package io.github.multiprom.model;
