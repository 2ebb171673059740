<?php

if (!defined('sugarEntry') || !sugarEntry) {
    die('Not A Valid Entry Point');
}

use Sugarcrm\Sugarcrm\Security\HttpClient\ExternalResourceClient;
use Sugarcrm\Sugarcrm\Security\HttpClient\RequestException;

/**
 * Asks Storeline, server to server, for the address of the panel of a record that the user may see.
 */
class StorelineApi extends SugarApi
{
    private const TIMEOUT_SECONDS = 10;

    /**
     * {@inheritDoc}
     */
    public function registerApiRest()
    {
        return [
            'storelineLaunch' => [
                'reqType' => 'GET',
                'path' => ['Storeline', 'launch', '?', '?'],
                'pathVars' => ['', '', 'module', 'record'],
                'method' => 'launch',
                'shortHelp' => 'The address of the Storeline panel of a record',
                'longHelp' => '',
            ],
        ];
    }

    /**
     * Loading the record checks what the user may see; nothing of their session leaves this server.
     */
    public function launch(ServiceBase $api, array $args)
    {
        $this->requireArgs($args, ['module', 'record']);
        $bean = $this->loadBean($api, $args, 'view');
        $config = require 'custom/include/storeline/config.php';
        $body = json_encode([
            'instance' => $config['instance'],
            'module' => $bean->getModuleName(),
            'record_id' => $bean->id,
            'user_id' => $api->user->id,
            'user_name' => $api->user->user_name,
            'locale' => (string) ($GLOBALS['current_language'] ?? ''),
            'timezone' => (string) $api->user->getPreference('timezone'),
        ]);
        $headers = [
            'Authorization' => 'Bearer ' . $config['secret'],
            'Content-Type' => 'application/json',
        ];
        try {
            $client = new ExternalResourceClient(self::TIMEOUT_SECONDS);
            $response = $client->post($config['launch_url'], $body, $headers);
        } catch (RequestException $e) {
            throw new SugarApiExceptionError('Storeline cannot be reached.');
        }
        $answer = json_decode((string) $response->getBody(), true);
        if ($response->getStatusCode() !== 200 || empty($answer['url'])) {
            throw new SugarApiExceptionError($answer['error_message'] ?? 'Storeline gave no address.');
        }
        return ['url' => $answer['url']];
    }
}
