package io.github.multiprom.metrics;

import io.github.multiprom.model.NativeBuckets;

/**
 * Takes the numbers of a {@link SampledSource} into the worker's file, where they merge with those
 * of all workers. One thread, while the source is being sampled.
 *
 * <p>Label names and values are arrays of one length without nulls; a series of a family may have
 * label names that others do not have. Nothing is thrown because of a number, a name or a limit:
 * what cannot be taken is counted in {@code multiprom_sample_refused_total}, once a family, and
 * named on the log. The reasons:
 *
 * <ul>
 *   <li>{@code twice}: the application, or another source, has a family of this name; or the source
 *       gave the series before in this pass
 *   <li>{@code shape}: the source gave it another type or mode before, or it breaks naming rules,
 *       or its native buckets do not belong to its classic ones
 *   <li>{@code limit}: the family has {@code multiprom.maxSeries} series, or its labels are too
 *       long
 *   <li>{@code not_finite}: NaN or an infinite number cannot be added up
 *   <li>{@code quantile}: quantiles of several workers cannot be merged
 * </ul>
 */
public interface SampleSink {
  /**
   * A sum that only rises; merged, the sum over all workers, those that have ended too. Where the
   * total falls, because its source starts again, the sum goes on from where it was.
   *
   * @param name with or without {@code _total}
   * @param total since the source started
   */
  void counter(String name, String help, String[] labelNames, String[] labelValues, double total);

  /**
   * A value of now. A series that the source does not give in a pass is shown no more, until it
   * gives it again. Its mode is that of {@code multiprom.gaugeModes}; else {@link
   * GaugeMode#LIVEMAX} for what is the same in all processes of a host ({@code system_cpu_*},
   * {@code system_load_average_*}, {@code disk_*}) and for {@code *_info}; else {@link
   * GaugeMode#LIVEALL}.
   */
  void gauge(String name, String help, String[] labelNames, String[] labelValues, double value);

  /**
   * As {@link #gauge(String, String, String[], String[], double)}, with a mode where {@code
   * multiprom.gaugeModes} names none.
   */
  void gauge(
      String name,
      String help,
      String[] labelNames,
      String[] labelValues,
      double value,
      GaugeMode mode);

  /**
   * What something is, said by labels, as {@link Info} does: equal ones are shown once. It is given
   * in each pass, as a gauge is.
   *
   * @param name with or without {@code _info}
   */
  void info(String name, String help, String[] labelNames, String[] labelValues);

  /**
   * Count and sum of observations, which are added up over all workers as a counter.
   *
   * @param count how many, since the source started
   * @param sum of the observations; NaN if it is not known
   */
  void summary(
      String name,
      String help,
      String[] labelNames,
      String[] labelValues,
      double count,
      double sum);

  /**
   * Observations in buckets, which are added up over all workers as a counter.
   *
   * @param upperBounds the finite ones, ascending
   * @param counts one for each bucket, not cumulative, that of +Inf last; since the source started
   * @param sum of the observations; NaN if it is not known
   */
  void histogram(
      String name,
      String help,
      String[] labelNames,
      String[] labelValues,
      double[] upperBounds,
      double[] counts,
      double sum);

  /**
   * Observations in classic buckets and, the same ones, in native buckets. Both views are added up
   * over all workers, as those of a {@link Histogram} that has both: neither falls where the source
   * coarsens its buckets or starts again, and at most 160 native buckets are shown. What is in the
   * source's zero bucket is in the zero bucket, however wide that is in the source.
   *
   * <p>If the counts of the two views do not add up to the same, or the native buckets are none
   * that are described there, the classic ones alone are sampled.
   *
   * @param upperBounds the finite ones, ascending; none if the source has no classic buckets
   * @param counts one for each classic bucket, not cumulative, that of +Inf last; since the source
   *     started. Without bounds, that of all observations
   * @param sum of the observations; NaN if it is not known
   * @param buckets the native ones, since the source started; not changed while it is used
   */
  void histogram(
      String name,
      String help,
      String[] labelNames,
      String[] labelValues,
      double[] upperBounds,
      double[] counts,
      double sum,
      NativeBuckets buckets);

  /**
   * Counts that the source left out a family, or a part of it.
   *
   * @param reason one of those above, or one of the source's own, of few
   */
  void refuse(String name, String reason);
}
