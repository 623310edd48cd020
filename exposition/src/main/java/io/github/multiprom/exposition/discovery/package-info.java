/** What a Prometheus server discovers: the workers of a directory, each as a target. */
package io.github.multiprom.exposition.discovery;
