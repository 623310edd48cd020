package io.github.multiprom.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Locale;

/**
 * One kept-alive connection to the shop. One thread.
 *
 * <p>The clients of the JDK send a request again when a connection breaks, which nobody sees; a
 * demo that compares numbers needs one that sends each request once.
 */
final class HttpConnection implements AutoCloseable {
  private static final int TIMEOUT_MS = 60_000;

  private final Socket socket = new Socket();
  private final InputStream in;
  private final String host;

  HttpConnection(String host, int port) throws IOException {
    this.host = host + ":" + port;
    try {
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MS);
      socket.setSoTimeout(TIMEOUT_MS);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * An answer.
   *
   * @param status HTTP status code
   * @param worker pid of the worker that answered
   */
  record Answer(int status, long worker, String body) {}

  /** Sends one GET request and reads its whole answer. */
  Answer get(String path) throws IOException {
    String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));

    int status = Integer.parseInt(line().split(" ", 3)[1]);
    long worker = 0;
    int length = 0;
    for (String header = line(); !header.isEmpty(); header = line()) {
      int colon = header.indexOf(':');
      String name = header.substring(0, colon).toLowerCase(Locale.ROOT);
      String text = header.substring(colon + 1).strip();
      if (name.equals("content-length")) {
        length = Integer.parseInt(text);
      } else if (name.equals(ShopServlet.WORKER_HEADER.toLowerCase(Locale.ROOT))) {
        worker = Long.parseLong(text);
      }
    }
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("connection closed within an answer");
    }
    return new Answer(status, worker, new String(body, ISO_8859_1));
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c == -1) {
        throw new EOFException("connection closed before the answer");
      }
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // Nobody waits for anything from it.
    }
  }
}
