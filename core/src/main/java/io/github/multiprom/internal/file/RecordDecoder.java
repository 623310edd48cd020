package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.file.WorkerFileLayout.SHAPE_LIVE_ONLY;
import static io.github.multiprom.internal.file.WorkerFileLayout.SHAPE_NATIVE;
import static io.github.multiprom.internal.file.WorkerFileLayout.SHAPE_OPTIONAL;
import static io.github.multiprom.internal.file.WorkerFileLayout.SHAPE_OWN_REGISTRIES;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.NativeShape;
import io.github.multiprom.model.QuantileWindow;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the fields of one record after another. One thread.
 *
 * <p>Every method throws {@link IllegalArgumentException} or {@link BufferUnderflowException} for
 * fields that no writer of this format makes.
 */
public final class RecordDecoder {
  private static final char REPLACEMENT = '\uFFFD';

  private final LabelInterner labels;

  public RecordDecoder(LabelInterner labels) {
    this.labels = labels;
  }

  /** The family; null if it has a type, fold or shape of a later release. */
  FamilyDescriptor family(ByteBuffer fields) {
    int shape = fields.getInt();
    int type = shape & 0xFF;
    int fold = shape >>> 8 & 0xFF;
    if ((shape & ~(SHAPE_OPTIONAL | SHAPE_NATIVE | SHAPE_LIVE_ONLY | 0xFFFF)) != 0
        || !MetricType.isCode(type)
        || !GaugeFold.isCode(fold)
        || ((shape & SHAPE_NATIVE) != 0
            && type != MetricType.HISTOGRAM.code()
            && type != MetricType.SUMMARY.code())) {
      return null;
    }
    String name = string(fields);
    String unit = string(fields);
    String help = string(fields);
    List<String> labelNames = strings(fields);
    int count = fields.getInt();
    if (count < 0 || count > fields.remaining() / Double.BYTES) {
      throw new IllegalArgumentException("bucket count " + count);
    }
    List<Double> bounds = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      bounds.add(Double.longBitsToDouble(fields.getLong()));
    }
    return new FamilyDescriptor(
        name,
        MetricType.ofCode(type),
        help,
        unit,
        labelNames,
        GaugeFold.ofCode(fold),
        (shape & SHAPE_LIVE_ONLY) != 0,
        bounds,
        (shape & SHAPE_OWN_REGISTRIES) != 0,
        type == MetricType.STATESET.code() ? strings(fields) : List.of(),
        (shape & SHAPE_NATIVE) != 0 ? new NativeShape(fields.getInt(), fields.getInt()) : null,
        (shape & SHAPE_NATIVE) != 0 && type == MetricType.SUMMARY.code() ? window(fields) : null);
  }

  private static QuantileWindow window(ByteBuffer fields) {
    long maxAgeMs = fields.getLong();
    int steps = fields.getInt();
    int count = fields.getInt();
    if (count < 0 || count > fields.remaining() / (2 * Double.BYTES)) {
      throw new IllegalArgumentException("quantile count " + count);
    }
    List<QuantileWindow.Quantile> quantiles = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      quantiles.add(
          new QuantileWindow.Quantile(
              Double.longBitsToDouble(fields.getLong()),
              Double.longBitsToDouble(fields.getLong())));
    }
    return new QuantileWindow(quantiles, maxAgeMs, steps);
  }

  public Incarnation incarnation(ByteBuffer fields) {
    return new Incarnation(fields.getLong(), fields.getLong());
  }

  /** The list of strings that ends the fields, shared with equal ones. */
  List<String> labelValues(ByteBuffer fields) throws UnreadableFileException {
    return labels.of(fields, RecordDecoder::strings);
  }

  static List<String> strings(ByteBuffer fields) {
    int count = fields.getInt();
    if (count < 0 || count > fields.remaining() / Integer.BYTES) {
      throw new IllegalArgumentException("string count " + count);
    }
    String[] texts = new String[count];
    for (int i = 0; i < count; i++) {
      texts[i] = string(fields);
    }
    return List.of(texts);
  }

  static String string(ByteBuffer fields) {
    int length = fields.getInt();
    if (length < 0 || length > fields.remaining()) {
      throw new IllegalArgumentException("string length " + length);
    }
    if (length == 0) {
      return "";
    }
    byte[] bytes = new byte[length];
    fields.get(bytes);
    String text = new String(bytes, StandardCharsets.UTF_8);
    // The fast decoder above does not report what it replaces.
    if (text.indexOf(REPLACEMENT) >= 0
        && !Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes)) {
      throw new IllegalArgumentException("not UTF-8");
    }
    return text;
  }
}
