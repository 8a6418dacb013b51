//! Behind the real proxies: nginx, HAProxy, Caddy and Envoy, each with the configuration that
//! `sealpass emit-config` prints, each through every journey of one list.
//!
//! A test is called `behind_PROXY::JOURNEY`. Traefik, whose program no registry has, is played:
//! [`behind_traefik`].

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test stops where it is surprised, and says what its processes had said"
)]

mod behind_traefik;
mod careless;
mod journeys;
#[path = "../journey/native.rs"]
mod native;
mod proxy;
#[path = "../journey/rules.rs"]
mod rules;
#[expect(dead_code, unused_imports, reason = "some of it only other journeys need")]
#[path = "../journey/support/mod.rs"]
mod support;
#[path = "../journey/whole.rs"]
mod whole;

use proxy::Kind;

/// Every journey, as a test, behind one proxy.
macro_rules! journeys_behind {
    ($kind:expr) => {
        journeys_behind! { $kind =>
            a_request_with_a_session_passes_and_says_whose_it_is
            a_request_without_a_session_is_refused
            both_cookies_of_a_renewal_arrive_whole
            a_large_session_is_renewed_too
            no_cache_keeps_an_answer_that_renews_a_session
            no_cache_keeps_a_renewal_where_the_api_does_not_answer
            an_api_shows_nobody_the_answer_to_a_question
            a_browser_without_a_session_is_sent_to_the_login_page
            a_session_that_was_logged_out_is_refused
            csrf_is_decided_on_the_original_method
            identity_that_a_client_sends_reaches_nobody
            headers_that_rewrite_a_request_reach_no_api
            identity_in_the_words_of_another_program_reaches_no_api
            the_cookies_of_sealpass_reach_no_api
            where_a_request_came_from_is_not_the_clients_to_say
            an_upgrade_to_anything_but_a_websocket_reaches_no_api
            a_websocket_reaches_the_api
            a_websocket_of_the_site_opens_and_bytes_pass_both_ways
            a_websocket_of_another_site_is_refused
            an_identity_arrives_whole_or_the_request_does_not
            a_renewal_arrives_with_a_large_answer
            an_assertion_arrives_and_a_clients_own_does_not
            a_connection_header_takes_no_identity_away
            a_second_description_of_the_request_is_refused
            a_forgotten_description_refuses_everyone
            a_proxy_that_is_not_trusted_is_refused_and_the_log_says_why
            header_values_with_commas_and_beyond_ascii_arrive
            claims_that_look_like_configuration_arrive_as_they_are
            cookies_of_six_kilobytes_arrive
            nobody_else_can_ask_for_a_verdict
            without_an_answer_nobody_passes
            rules_for_paths_hold
            no_path_that_is_public_to_one_program_is_another_to_the_api
            a_host_that_holds_a_path_makes_no_path_public
            the_doctor_finds_nothing_to_mend
            the_whole_journey
            the_journey_of_a_native_client
        }
    };
    ($kind:expr => $($journey:ident)*) => {
        $(#[test]
        fn $journey() {
            crate::journeys::$journey($kind);
        })*
    };
}

mod behind_nginx {
    journeys_behind!(crate::Kind::Nginx);

    #[test]
    fn an_api_that_may_redirect_shows_nobody_the_answer_to_a_question() {
        crate::journeys::an_api_that_may_redirect_shows_nobody_the_answer_to_a_question();
    }
}
mod behind_haproxy {
    journeys_behind!(crate::Kind::Haproxy);

    #[test]
    fn an_identity_without_room_does_not_arrive_in_part() {
        crate::journeys::an_identity_without_room_does_not_arrive_in_part();
    }

    #[test]
    fn a_question_that_goes_wrong_lets_nobody_pass() {
        crate::journeys::a_question_that_goes_wrong_lets_nobody_pass();
    }
}
mod behind_caddy {
    journeys_behind!(crate::Kind::Caddy);

    #[test]
    fn auth_in_other_letters_needs_a_session_too() {
        crate::journeys::auth_in_other_letters_needs_a_session_too();
    }
}
mod behind_envoy_http {
    journeys_behind!(crate::Kind::EnvoyHttp);

    #[test]
    fn a_script_that_goes_wrong_leaves_no_cookie() {
        crate::journeys::a_script_that_goes_wrong_leaves_no_cookie();
    }
}
mod behind_envoy_grpc {
    journeys_behind!(crate::Kind::EnvoyGrpc);
}
