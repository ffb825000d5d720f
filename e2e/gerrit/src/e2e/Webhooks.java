// SPDX-License-Identifier: Apache-2.0

package e2e;

import com.google.common.base.Supplier;
import com.google.common.flogger.FluentLogger;
import com.google.gerrit.extensions.registration.DynamicSet;
import com.google.gerrit.server.config.CanonicalWebUrl;
import com.google.gerrit.server.config.PluginConfigFactory;
import com.google.gerrit.server.events.Event;
import com.google.gerrit.server.events.EventListener;
import com.google.gerrit.server.events.ProjectEvent;
import com.google.gerrit.server.events.SupplierSerializer;
import com.google.gerrit.server.project.NoSuchProjectException;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.inject.AbstractModule;
import com.google.inject.Inject;
import com.google.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.http.HttpHeaders;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.HttpPost;
import org.apache.http.conn.ssl.NoopHostnameVerifier;
import org.apache.http.entity.StringEntity;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.ssl.SSLContextBuilder;
import org.apache.http.util.EntityUtils;
import org.eclipse.jgit.lib.Config;

/**
 * Posts events the way the webhooks plugin does, which is not published as an artifact: the same
 * webhooks.config with inheritance, the same body, headers, statuses that count as delivered, pauses
 * and two threads. Not imitated: that a 5xx is repeated once more inside each try, and the
 * server-wide settings.
 */
@Singleton
final class Webhooks implements EventListener {
  static final class Module extends AbstractModule {
    @Override
    protected void configure() {
      DynamicSet.bind(binder(), EventListener.class).to(Webhooks.class);
    }
  }

  private static final FluentLogger logger = FluentLogger.forEnclosingClass();
  private static final Set<Integer> DELIVERED = Set.of(200, 201, 202, 204);

  private final Gson gson =
      new GsonBuilder().registerTypeAdapter(Supplier.class, new SupplierSerializer()).create();
  private final ScheduledThreadPoolExecutor senders = new ScheduledThreadPoolExecutor(2);
  private final CloseableHttpClient strict = HttpClients.createDefault();
  private final CloseableHttpClient trusting;
  private final PluginConfigFactory configs;
  private final String canonicalUrl;

  @Inject
  Webhooks(PluginConfigFactory configs, @CanonicalWebUrl String canonicalUrl)
      throws GeneralSecurityException {
    this.configs = configs;
    this.canonicalUrl = canonicalUrl;
    trusting =
        HttpClients.custom()
            .setSSLContext(SSLContextBuilder.create().loadTrustMaterial((c, t) -> true).build())
            .setSSLHostnameVerifier(NoopHostnameVerifier.INSTANCE)
            .build();
  }

  @Override
  public void onEvent(Event event) {
    if (!(event instanceof ProjectEvent about)) {
      return;
    }
    Config config;
    try {
      config =
          configs.getProjectPluginConfigWithInheritance(about.getProjectNameKey(), "webhooks");
    } catch (NoSuchProjectException gone) {
      return;
    }
    for (String name : config.getSubsections("remote")) {
      Remote remote = new Remote(config, name);
      if (remote.wants(event.getType())) {
        // The body is fixed now: the event object may read the database later.
        senders.execute(new Delivery(remote, gson.toJson(event)));
      }
    }
  }

  /** One [remote "name"] section. */
  private static final class Remote {
    final String url;
    final Set<String> events;
    final int maxTries;
    final int retryInterval;
    final boolean sslVerify;
    final RequestConfig timeouts;

    Remote(Config config, String name) {
      url = config.getString("remote", name, "url");
      events = Set.copyOf(List.of(config.getStringList("remote", name, "event")));
      maxTries = config.getInt("remote", name, "maxTries", 5);
      retryInterval = config.getInt("remote", name, "retryInterval", 1000);
      sslVerify = config.getBoolean("remote", name, "sslVerify", false);
      timeouts =
          RequestConfig.custom()
              .setConnectTimeout(config.getInt("remote", name, "connectionTimeout", 5000))
              .setSocketTimeout(config.getInt("remote", name, "socketTimeout", 5000))
              .setRedirectsEnabled(false)
              .build();
    }

    boolean wants(String type) {
      return url != null && (events.isEmpty() || events.contains(type));
    }
  }

  /** One event on its way to one remote; it puts itself back until delivered or given up. */
  private final class Delivery implements Runnable {
    private final Remote remote;
    private final String body;
    private int tries;

    Delivery(Remote remote, String body) {
      this.remote = remote;
      this.body = body;
    }

    @Override
    public void run() {
      String failure = attempt();
      tries++;
      if (failure == null) {
        return;
      }
      if (tries < remote.maxTries) {
        senders.schedule(this, remote.retryInterval, TimeUnit.MILLISECONDS);
        return;
      }
      // Without the URL: its query may hold a token.
      logger.atWarning().log("webhook given up after %d tries: %s", tries, failure);
    }

    /** Returns null when delivered, else why not. */
    private String attempt() {
      CloseableHttpClient client = remote.sslVerify ? strict : trusting;
      try {
        HttpPost post = new HttpPost(remote.url);
        post.setConfig(remote.timeouts);
        post.setHeader(HttpHeaders.CONTENT_TYPE, "application/json; charset=utf-8");
        post.setHeader("X-Origin-Url", canonicalUrl);
        post.setEntity(new StringEntity(body, StandardCharsets.UTF_8));
        int status =
            client.execute(
                post,
                answer -> {
                  EntityUtils.consume(answer.getEntity());
                  return answer.getStatusLine().getStatusCode();
                });
        return DELIVERED.contains(status) ? null : "status " + status;
      } catch (IOException | RuntimeException e) {
        return e.getClass().getSimpleName();
      }
    }
  }
}
