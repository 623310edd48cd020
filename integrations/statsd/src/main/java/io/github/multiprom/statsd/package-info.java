/**
 * A bridge from statsd: takes datagrams of clients and counts what they say in a metrics directory.
 */
package io.github.multiprom.statsd;
