/**
 * The metric types that an application records: counters, gauges, histograms and summaries of many
 * JVMs, which any of them shows as one.
 *
 * <p>Builders, children, timers, naming rules and exceptions are those of {@code
 * io.prometheus.client} 0.16, so that an application moves by a change of imports. Without a
 * directory a family behaves as simpleclient's in all that follows but the first and last points.
 * What differs:
 *
 * <ul>
 *   <li>There are no subclasses. Quantiles of summaries are those of all workers together, rounded.
 *   <li>{@code get()} returns what this worker alone counted; the registry shows the merged values.
 *   <li>A family lives in its worker, not in a registry. Making a family of the same name and shape
 *       again, for another registry say, returns the first one with its children. One of another
 *       shape counts in memory, where its registry alone shows it, as long as a registry holds the
 *       first.
 *   <li>The default registry and every {@link io.github.multiprom.metrics.MergedRegistry} show the
 *       whole directory; other registries show, merged over all workers, what they were given.
 *   <li>NaN and infinite numbers are left out of the sums of counters, histograms and summaries.
 *   <li>A family has at most {@code multiprom.maxSeries} children; then further label sets share
 *       one child, all of whose label values are {@code overflow}.
 *   <li>Bucket bounds must be ascending, so none is NaN or negative infinity; label names must
 *       differ; the help text must not be null.
 * </ul>
 */
package io.github.multiprom.metrics;
