use super::*;

/// A field without a row would be a setting that nobody can name.
#[test]
fn every_setting_has_a_row() {
    let Settings {
        push_threads: _,
        push_cache_max_messages: _,
        push_receive_batch: _,
        push_invisible: _,
        push_offline_invisible: _,
        group_retry_max_times: _,
        group_retry_ladder: _,
        fifo_lock_scope: _,
        fifo_retry_interval: _,
        fifo_max_retry_times: _,
        fifo_queue_hash: _,
        classic_suspend: _,
        classic_orderly_max_retry_times: _,
        classic_queue_lock: _,
        classic_queue_lock_renew: _,
        classic_rebalance_interval: _,
        classic_rebalance_min_interval: _,
        classic_persist_offset_interval: _,
        consumer_crash_detection: _,
        push_consume_timeout: _,
        classic_consume_timeout: _,
        simple_invisible: _,
        pop_retry_first_percent: _,
        pull_batch: _,
        pull_cache_max_messages: _,
        pull_cache_per_queue: _,
        pull_auto_commit: _,
        pull_auto_commit_interval: _,
        pop_commit_mode: _,
        pop_commit_scan: _,
        pop_revive_lag: _,
        pop_stale_handles: _,
        pop_through_proxy: _,
        dlq_timing: _,
        delay_max: _,
        delay_out_of_range: _,
        delay_precision: _,
        delay_recall_enable: _,
        tx_check_interval: _,
        tx_first_check_after: _,
        tx_max_checks: _,
        tx_late_resolution: _,
        lite_ttl: _,
        lite_min_ttl: _,
        lite_ttl_check_interval: _,
        lite_sub_model: _,
        lite_max_subs_per_client: _,
        lite_max_subs_per_broker: _,
        lite_max_topics_per_broker: _,
        lite_max_events_per_client: _,
        lite_full_dispatch: _,
        lite_sync_interval: _,
        lite_tail_from_end: _,
        sql_strict_eof: _,
        producer_max_attempts: _,
        producer_throttle_backoff: _,
        tx_send_retries: _,
        broker_send_tps: _,
        broker_send_queue_wait: _,
        broker_store_reply: _,
        message_max_body_bytes: _,
        message_max_group_bytes: _,
        store_compaction_interval: _,
        broker_codes: _,
        message_id_form: _,
        push_cache_max_bytes: _,
        sql_available: _,
        topic_type_check: _,
        producer_request_timeout: _,
        producer_timeout_for_all_tries: _,
        consumer_reconnect: _,
        network_silence: _,
        flush_disk: _,
        flush_interval: _,
        flush_least_pages: _,
        flush_thorough_interval: _,
        flush_offset_interval: _,
        replication: _,
        replication_replicas: _,
        replication_lag: _,
        replication_offset_interval: _,
        replication_failover: _,
        network_send_latency: _,
        network_delivery_latency: _,
        store_retention: _,
        store_expiry: _,
        store_clean_interval: _,
        store_delete_hour: _,
        store_hot_messages: _,
        store_segment_bytes: _,
    } = Settings::default();
    assert_eq!(SETTINGS.len(), 90);
    // And each row a field of its own.
    for setting in SETTINGS {
        let mut settings = Settings::default();
        let other = match setting.value(&settings) {
            Value::Bool(truth) => Value::from(!truth),
            Value::Number(number) => {
                Value::from(number.as_u64().map_or(0, |n| if n == 0 { 1 } else { n - 1 }))
            }
            // The last word that it is not, or a number where no word is left.
            _ => match &setting.kind {
                Kind::Word(names) => Value::from(names()[1]),
                Kind::Either(Kind::Word(names), _) if names().len() > 1 => Value::from("exponential"),
                _ => Value::from(7),
            },
        };
        setting.set(&mut settings, &other);
        assert_eq!(write(&settings, &Settings::default()), serde_json::json!({ setting.name: other }));
    }
}

#[test]
fn defaults_are_within_their_limits() {
    for setting in SETTINGS {
        let default = setting.value(&Settings::default());
        if let Kind::Whole { .. } = setting.kind {
            assert_eq!(form::whole(&setting.kind, &default), Ok(default.as_u64().unwrap_or(0)));
        }
    }
}
