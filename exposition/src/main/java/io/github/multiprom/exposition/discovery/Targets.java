package io.github.multiprom.exposition.discovery;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import io.github.multiprom.merge.WorkerStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The workers of a directory as the targets of a Prometheus server, in the JSON that its {@code
 * http_sd_configs} and {@code file_sd_configs} take. Immutable.
 *
 * <p>All workers are targets at one address, each with the parameter {@code worker} of {@code
 * /metrics}; or each is a target at the port that it has itself.
 *
 * @param dead whether dead workers that have a file are targets as well
 * @param byPort whether at their own ports; dead workers and those without one are left out then
 */
public record Targets(boolean dead, boolean byPort) {
  private static final JsonFactory JSON = new JsonFactory();

  /**
   * What the parameters of a request select.
   *
   * @param state {@code live} or {@code all}; null for live
   * @param by {@code worker} or {@code port}; null for worker
   * @throws IllegalArgumentException if one of them is something else
   */
  public static Targets select(String state, String by) {
    return new Targets(
        isSecond("state", state, "live", "all"), isSecond("by", by, "worker", "port"));
  }

  private static boolean isSecond(String name, String value, String first, String second) {
    if (value != null && !value.equals(first) && !value.equals(second)) {
      throw new IllegalArgumentException(name + " must be " + first + " or " + second + ".");
    }
    return second.equals(value);
  }

  /**
   * The list.
   *
   * @param address where the endpoint is that serves all workers
   * @param https whether it has TLS
   * @return UTF-8
   */
  public byte[] json(List<WorkerStatus> workers, String address, boolean https) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      // Each on a line of its own.
      json.setRootValueSeparator(new SerializedString(",\n"));
      json.writeRaw("[\n");
      for (WorkerStatus worker : workers) {
        if (byPort ? worker.live() && worker.port() != 0 : worker.live() || dead) {
          write(worker, address, https, json);
        }
      }
      json.writeRaw("]\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private void write(WorkerStatus worker, String address, boolean https, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("targets");
    json.writeString(byPort ? Address.atPort(address, worker.port()) : address);
    json.writeEndArray();
    json.writeObjectFieldStart("labels");
    for (Map.Entry<String, String> label : labels(worker, https).entrySet()) {
      json.writeStringField(label.getKey(), label.getValue());
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private Map<String, String> labels(WorkerStatus worker, boolean https) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("__metrics_path__", "/metrics");
    if (!byPort) {
      if (https) {
        labels.put("__scheme__", "https");
      }
      labels.put("__param_worker", worker.info().incarnation().toString());
    }
    labels.put("instance", worker.info().host() + "/" + worker.name());
    labels.put("worker", worker.name());
    labels.put("__meta_multiprom_host", worker.info().host());
    labels.put("__meta_multiprom_pid", Long.toString(worker.info().pid()));
    labels.put("__meta_multiprom_state", worker.live() ? "live" : "dead");
    return labels;
  }
}
